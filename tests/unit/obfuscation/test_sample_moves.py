import torch

from miais.obfuscation.sample_moves import SampleMoves, move_samples, move_samples_back


def test_every_place_gets_its_source_with_its_bits_inverted_and_back():
    random = torch.Generator().manual_seed(0)
    images = torch.randint(256, (2, 3, 4, 5), generator=random, dtype=torch.uint8)
    sources = torch.randperm(60, generator=random)
    flips = torch.randint(256, (60,), generator=random, dtype=torch.uint8)
    moved = move_samples(images, SampleMoves(sources.int(), flips))
    for image, result in zip(images, moved, strict=True):
        expected = [int(image.flatten()[source]) ^ int(flip) for source, flip in zip(sources, flips, strict=True)]
        assert result.flatten().tolist() == expected
    assert torch.equal(move_samples_back(moved, SampleMoves(sources.int(), flips)), images)
