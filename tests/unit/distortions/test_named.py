import pickle

import pytest
import torch
import torch.nn.functional as F

from miais.distortions import DISTORTIONS, encode_jpeg
from miais.image import decode_image

RANDOM = {"crop0.9", "crop0.8", "noise1", "noise2"}


def make_file_image(height=50, width=70):
    """A picture as `read_image` returns it: multiples of 1/255; odd sizes, some detail."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, 8, 8, generator=generator)
    smooth = F.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)[0]
    noisy = smooth + 0.03 * torch.randn(3, height, width, generator=generator)
    return (noisy.clamp(0, 1) * 255).round() / 255


def distort(name, image, seed=0):
    return DISTORTIONS[name](image, image, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", DISTORTIONS)
def test_result_is_another_eight_bit_image_of_the_same_scene_and_shape(name):
    image = make_file_image()
    distorted = distort(name, image)
    assert distorted.shape == image.shape
    assert distorted.dtype == torch.float32
    levels = distorted * 255
    torch.testing.assert_close(levels, levels.round(), atol=1e-4, rtol=0)
    assert levels.min() >= 0
    assert levels.max() <= 255
    assert not torch.equal(distorted, image)
    shrunk = [F.avg_pool2d(picture, 10).flatten() for picture in (image, distorted)]
    assert torch.corrcoef(torch.stack(shrunk))[0, 1] > (0.5 if "crop" in name else 0.99)


@pytest.mark.parametrize("name", DISTORTIONS)
def test_only_the_generator_decides(name):
    image = make_file_image()
    assert torch.equal(distort(name, image, 1), distort(name, image, 1))
    assert torch.equal(distort(name, image, 1), distort(name, image, 2)) == (name not in RANDOM)


def test_names_of_one_kind_are_ordered_by_strength():
    image = make_file_image()
    for kind in ("jpeg90 jpeg75 jpeg50", "resize0.75 resize0.5", "crop0.9 crop0.8", "blur0.5 blur1", "noise1 noise2"):
        errors = [float((distort(name, image) - image).square().mean()) for name in kind.split()]
        assert errors == sorted(errors), kind


def test_jpeg_name_is_that_files_content():
    image = make_file_image()
    assert torch.equal(distort("jpeg75", image), decode_image(encode_jpeg(image, 75), "test"))


def test_distortions_travel_to_other_processes():
    image = make_file_image()
    for name, original in DISTORTIONS.items():
        copy = pickle.loads(pickle.dumps(original))  # noqa: S301
        assert torch.equal(copy(image, image, torch.Generator().manual_seed(0)), distort(name, image))


def test_batch_is_refused():
    with pytest.raises(ValueError, match=r"\(3, H, W\)"):
        distort("blur1", make_file_image()[None])
