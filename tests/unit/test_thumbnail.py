import pytest
import torch
from support.systems import tiny_lattice

from miais.image import decode_image, resize
from miais.system import load
from miais.thumbnail import thumbnail

PEOPLE = 8


@pytest.mark.parametrize(("size", "expected"), [((300, 600), (48, 96)), ((600, 300), (96, 48)), ((100, 50), (50, 25))])
def test_it_is_small(size, expected):
    small = decode_image(thumbnail(torch.rand(3, *size)), "thumbnail")
    assert tuple(small.shape) == (3, *expected)


@pytest.mark.parametrize("side", [1, 2, 3])
def test_a_tiny_container_has_one_too(side):
    assert decode_image(thumbnail(torch.rand(3, side, side)), "thumbnail").shape[0] == 3


def test_what_is_no_container_is_refused():
    with pytest.raises(ValueError, match="expected one container"):
        thumbnail(torch.rand(2, 3, 8, 8))


def smooth(generator, count, size):
    return resize(torch.rand(count, 3, 6, 6, generator=generator), size).clamp(0, 1)


@pytest.mark.parametrize("name", ["tiny", "lfw-single"])
def test_it_looks_like_the_cover_and_does_not_tell_who_is_hidden(tmp_path, name):
    """Scaled up again, a thumbnail is as far from its own container as from those of others: a stranger."""
    system = load(tiny_lattice(tmp_path / "tiny") if name == "tiny" else name)
    generator = torch.Generator().manual_seed(0)
    faces, covers = smooth(generator, PEOPLE, (64, 64)), smooth(generator, 2 * PEOPLE, (160, 192))
    containers = system.hide(faces.repeat(2, 1, 1, 1), covers)
    small = torch.stack([decode_image(thumbnail(container), "thumbnail") for container in containers])
    assert (small - resize(covers, small.shape[-2:])).abs().mean() < 0.02
    enrolled, again = system.embed(containers).split(PEOPLE)
    same = (enrolled - again).norm(dim=1)
    distances = torch.cdist(system.embed(resize(small, containers.shape[-2:]).clamp(0, 1))[:PEOPLE], enrolled)
    assert distances.min() > 2 * same.max()
    assert distances.min() > system.card.threshold_at(1e-2).threshold
    own = (distances.argmin(dim=1) == torch.arange(PEOPLE)).sum()
    assert own <= 3  # of 8, where one is right by chance
