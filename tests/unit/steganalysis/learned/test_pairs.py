import pytest
import torch
from torch.utils.data import DataLoader

from miais.data.covers import CoverSet
from miais.data.sampling import UniformSampler
from miais.image import read_image, to_uint8
from miais.steganalysis.learned.batches import Amplification, PairBatches, windows
from miais.steganalysis.learned.pairs import (
    StegoPair,
    hold_out,
    pairs_of_files,
    pairs_of_last_bits,
    split_pairs,
    unseen,
)


def no_pair(draw):
    raise AssertionError("only names are looked at")


def named_pairs(covers=20, secrets=30):
    return [StegoPair(f"c{cover}", f"s{secret}", no_pair) for cover in range(covers) for secret in range(secrets)]


@pytest.fixture
def cover_set(tmp_path, picture):
    for number in range(6):
        picture(f"covers/{number}.png", 40, 36, seed=number)
    return CoverSet.open(tmp_path / "covers")


def test_disjoint_means_no_cover_and_no_secret_on_both_sides():
    train, test = split_pairs(named_pairs(), "disjoint", seed=3)
    assert not {pair.cover for pair in train} & {pair.cover for pair in test}
    assert not {pair.secret for pair in train} & {pair.secret for pair in test}
    assert len({pair.cover for pair in test}) == 6
    assert len({pair.secret for pair in test}) == 9
    assert split_pairs(named_pairs(), "disjoint", seed=3) == (train, test)
    assert split_pairs(named_pairs(), "disjoint", seed=4) != (train, test)


def test_random_parts_pairs_and_shares_covers_as_the_paper_may():
    train, test = split_pairs(named_pairs(), "random", seed=3)
    assert (len(train), len(test)) == (480, 120)
    assert {pair.cover for pair in train} & {pair.cover for pair in test}
    assert len({(pair.cover, pair.secret) for pair in (*train, *test)}) == len(
        {(pair.cover, pair.secret) for pair in named_pairs()}
    )


def test_messages_without_a_name_are_parted_by_their_covers(cover_set):
    train, test = split_pairs(pairs_of_last_bits(cover_set, "lsb-matching", 0.4, seed=1), "disjoint", seed=0)
    assert len(train) == 4
    assert len(test) == 2


def test_too_few_pairs_for_two_sides_are_refused():
    with pytest.raises(ValueError, match="give more containers in more covers"):
        split_pairs(named_pairs(covers=1), "disjoint", seed=0)


def test_unseen_leaves_out_what_shares_a_cover_or_a_secret():
    pairs = named_pairs()
    left = unseen(pairs, [StegoPair("elsewhere/c1", "s2", no_pair)])
    assert {pair.cover for pair in pairs} - {pair.cover for pair in left} == {"c1"}
    assert {pair.secret for pair in pairs} - {pair.secret for pair in left} == {"s2"}


def test_hold_out_takes_whole_covers():
    train, kept = hold_out(named_pairs(), 0.1, seed=0)
    assert len({pair.cover for pair in kept}) == 2
    assert len(train) + len(kept) == 600
    assert not {pair.cover for pair in train} & {pair.cover for pair in kept}


def test_last_bits_are_another_message_at_every_draw(cover_set):
    pair = pairs_of_last_bits(cover_set, "lsb-replacement", 1.0, seed=1)[2]
    cover, first = pair.load(0)
    assert torch.equal(first, pair.load(0)[1])
    assert not torch.equal(first, pair.load(1)[1])
    assert torch.equal(cover, cover_set.pixels(2))
    assert torch.equal(cover // 2, first // 2)


def test_pairs_of_files_are_read_as_they_are(picture):
    cover, container = (picture(name, 20, 24, seed=seed) for seed, name in enumerate(("a.png", "b.png")))
    entries = [
        {"cover": str(cover), "container": str(container), "secret": "x.png"},
        {"cover": str(cover), "container": None, "secret": "y.png"},  # of a secret that failed
    ]
    (pair,) = pairs_of_files(entries)
    assert (pair.cover, pair.secret) == (str(cover), "x.png")
    for loaded, path in zip(pair.load(7), (cover, container), strict=True):
        assert torch.equal(loaded, to_uint8(read_image(path)))


def test_a_container_of_another_size_than_its_cover_is_refused(picture):
    cover, container = picture("a.png", 20, 24), picture("b.png", 24, 20)
    (pair,) = pairs_of_files([{"cover": cover, "container": container, "secret": "x"}])
    with pytest.raises(ValueError, match="expected a container of its cover's size"):
        pair.load(0)


AS_THEY_ARE = Amplification(start=1, steps=0)


def numbered_pair(number):
    """Every pixel of the cover has another value, and the container is the cover with its last bits turned."""
    cover = torch.arange(3 * 30 * 40).view(3, 30, 40).remainder(256).byte() ^ number
    return StegoPair(f"c{number}", None, lambda draw: (cover, cover ^ 1))


def test_both_of_a_pair_are_in_one_batch_cut_and_turned_alike():
    batches = PairBatches(
        [numbered_pair(n) for n in range(5)], UniformSampler(5, batch=4, seed=1), size=16, amplification=AS_THEY_ARE
    )
    images, labels = batches[3]
    assert images.shape == (8, 3, 16, 16)
    assert labels.tolist() == [0] * 4 + [1] * 4
    assert torch.equal(images[:4] ^ 1, images[4:])
    again = batches[3]
    assert torch.equal(images, again.images)
    assert not torch.equal(images, batches[4].images)


def test_containers_are_louder_at_first_and_covers_stay_what_they_are():
    sampler = UniformSampler(5, batch=4, seed=1)
    pairs = [numbered_pair(n) for n in range(5)]
    plain = PairBatches(pairs, sampler, size=16, amplification=AS_THEY_ARE)
    louder = PairBatches(pairs, sampler, size=16, amplification=Amplification(start=8, steps=6))
    for step, factor in ((0, 8), (2, 4), (4, 2), (6, 1), (60, 1)):
        (cover, container), (same, more) = (batches[step].images.short().chunk(2) for batches in (plain, louder))
        assert torch.equal(same, cover)
        assert torch.equal(more, (cover + factor * (container - cover)).clamp(0, 255))


def test_differences_are_whole_grey_levels():
    cover, container = torch.tensor([10, 254], dtype=torch.uint8), torch.tensor([9, 255], dtype=torch.uint8)
    louder = Amplification(start=4, steps=4)
    assert louder.factor(1) == pytest.approx(4**0.75)
    assert louder(cover, container, 1).tolist() == [7, 255]  # 2.83 below, and what leaves the range stays at its end
    assert louder(cover, container, 1).dtype == torch.uint8


def test_cuts_come_from_everywhere_and_in_all_directions():
    batches = PairBatches([numbered_pair(0)], UniformSampler(1, batch=1, seed=1), size=29, amplification=AS_THEY_ARE)
    corners = {tuple(batches[step].images[0, 0, ::28, ::28].flatten().tolist()) for step in range(300)}
    assert len(corners) > 100  # 2 x 12 places, eight ways round


def test_batches_travel_to_loader_processes(cover_set):
    pairs = pairs_of_last_bits(cover_set, "lsb-matching", 0.4, seed=1)
    batches = PairBatches(pairs, UniformSampler(6, batch=3, seed=1), size=32, amplification=AS_THEY_ARE)
    loader = DataLoader(batches, batch_size=None, sampler=range(2, 4), num_workers=1, multiprocessing_context="spawn")
    for step, batch in zip((2, 3), loader, strict=True):
        assert torch.equal(batch.images, batches[step].images)


def test_windows_are_those_of_the_middle_without_overlap():
    image = torch.arange(3 * 33 * 50).view(3, 33, 50)
    cut = windows(image, 16)
    assert cut.shape == (6, 3, 16, 16)
    assert torch.equal(cut[1], image[:, 0:16, 17:33])
    assert torch.equal(cut[3], image[:, 16:32, 1:17])


def test_a_picture_smaller_than_the_square_is_refused():
    with pytest.raises(ValueError, match="c0: expected at least 31x31 px for this detector, got 40x30"):
        PairBatches([numbered_pair(0)], UniformSampler(1, batch=1, seed=1), size=31, amplification=AS_THEY_ARE)[0]
