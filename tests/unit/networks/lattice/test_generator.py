import pytest
import torch

from miais.image import quantize
from miais.metrics import psnr
from miais.networks.lattice.classifier import LatticeClassifier
from miais.networks.lattice.generator import LatticeGenerator
from miais.networks.residue_classifier import ResidueClassifier

KEY = "5a" * 32
CHANNEL = {"repeats": 8, "key": KEY, "step": 4.0}
PICTURE = {"repeats": 8, "key": KEY, "step": 6.0, "skip": 8 * 32}
SIZES = {"image_size": 32, "width": 8, "embedding_dim": 16}


def make_generator(**arguments):
    torch.manual_seed(0)
    encoder = {"kind": "residue", "arguments": {"image_size": 32, "width": 8}}
    defaults = {"image_size": 32, "encoder": encoder, "embedding_dim": 16, "code": 32, "channel": CHANNEL}
    return LatticeGenerator(**{**defaults, **arguments}).eval()


def make_recognizer(**arguments):
    torch.manual_seed(1)
    return ResidueClassifier(5, **{**SIZES, **arguments}, dropout=0.0).eval()


def make_pair(height=48, width=64, batch=2):
    random = torch.Generator().manual_seed(5)
    return torch.rand(batch, 3, 32, 32, generator=random), quantize(
        torch.rand(batch, 3, height, width, generator=random)
    )


@pytest.mark.parametrize(("height", "width"), [(48, 64), (64, 33), (200, 300)])
def test_container_has_the_covers_size_and_is_close_to_it(height, width):
    secret, cover = make_pair(height, width)
    container = make_generator()(secret, cover)
    assert container.shape == cover.shape
    torch.testing.assert_close(container, quantize(container), atol=1e-6, rtol=0)  # already on the grid of 8 bits
    assert psnr(container, cover).min() > 45


def test_message_stays_within_a_quarter_of_a_cycle():
    assert make_generator(slope=100.0).message(make_pair()[0]).abs().max() <= 0.25


def test_with_the_recognisers_weights_the_code_is_its_embedding():
    generator, recognizer = make_generator(slope=0.25), make_recognizer()
    generator.start_as(recognizer)
    secret, cover = make_pair()
    expected = recognizer(secret).embedding
    scaled = 0.4 * expected  # from length 10 to components of 1 on average, 16 of them
    torch.testing.assert_close(generator.message(secret), 0.25 * torch.tanh(0.25 * scaled).repeat(1, 2))
    classifier = LatticeClassifier(5, code=32, channel=CHANNEL, embedding_dim=16).eval()
    classifier.start_as(recognizer)
    answer = classifier(generator(secret, cover))
    assert torch.cosine_similarity(answer.embedding, expected).min() > 0.95
    assert torch.equal(classifier.head, recognizer.head)


@pytest.mark.parametrize("unfit", [make_recognizer(width=16), torch.nn.Linear(2, 2)])
def test_recogniser_of_other_sizes_is_refused(unfit):
    with pytest.raises(ValueError, match="does not fit"):
        make_generator().start_as(unfit)


def test_every_parameter_gets_a_gradient():
    generator = make_generator(picture=PICTURE)
    secret, cover = make_pair()
    classifier = LatticeClassifier(5, code=32, channel=CHANNEL, embedding_dim=16)
    classifier(generator(secret, cover)).embedding.square().matmul(torch.arange(16.0)).sum().backward()
    without = {name for name, parameter in generator.named_parameters() if parameter.grad is None}
    assert without == {"encoder.head"}  # the encoder's classes are never asked for


def test_picture_is_sent_beside_the_code():
    secret, cover = make_pair(64, 64)
    alone, both = make_generator(), make_generator(picture=PICTURE)
    container = both(secret, cover)
    restored = both.picture.read(container, 32)
    assert psnr(restored, secret).min() > 30
    read = [generator.channel.read(generator(secret, cover), 32) for generator in (alone, both)]
    torch.testing.assert_close(*read, atol=1e-4, rtol=0)


def test_strength_zero_gives_the_cover_back():
    secret, cover = make_pair()
    generator = make_generator(picture=PICTURE)
    torch.testing.assert_close(generator(secret, cover, strength=0.0), cover)


def test_code_must_hold_every_component_equally_often():
    with pytest.raises(ValueError, match="multiple of 16"):
        make_generator(code=40)
