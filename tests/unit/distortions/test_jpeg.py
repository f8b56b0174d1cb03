import io
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from miais.distortions import differentiable_jpeg, encode_jpeg, real_jpeg, surrogate_jpeg


def make_smooth(batch=2, size=48):
    """Blobs of colour, as harmless to JPEG as a photograph's sky."""
    coarse = torch.rand(batch, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    return F.interpolate(coarse, size=size, mode="bicubic", align_corners=False).clamp(0, 1)


def make_noise(batch=2, size=48):
    return torch.rand(batch, 3, size, size, generator=torch.Generator().manual_seed(0))


def seeded():
    return torch.Generator().manual_seed(0)


def test_file_is_a_jpeg_with_the_asked_quality_and_subsampling():
    image = make_noise()[0]
    sizes = [len(encode_jpeg(image, quality)) for quality in (10, 50, 90)]
    assert sizes == sorted(sizes)
    full, halved = (Image.open(io.BytesIO(encode_jpeg(image, 75, mode))) for mode in ("4:4:4", "4:2:0"))
    assert full.format == "JPEG"
    assert full.size == (48, 48)
    assert [layer[1:3] for layer in full.layer] == [(1, 1), (1, 1), (1, 1)]
    assert [layer[1:3] for layer in halved.layer] == [(2, 2), (1, 1), (1, 1)]


def test_real_jpeg_is_what_pillow_reads_back():
    container = make_noise(size=30)
    distorted = real_jpeg(container, container, seeded(), quality=50, subsampling="4:4:4")
    for image, decoded in zip(container, distorted, strict=True):
        file = io.BytesIO()
        pixels = (image * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
        Image.fromarray(pixels).save(file, format="JPEG", quality=50, subsampling=0)
        assert np.array_equal(np.asarray(Image.open(file)), (decoded * 255).round().permute(1, 2, 0).numpy())


@pytest.mark.parametrize("quality", [0, 96])
def test_quality_outside_libjpegs_range_is_refused(quality):
    with pytest.raises(ValueError, match=f"1 to 95, got {quality}"):
        encode_jpeg(make_noise()[0], quality)


def test_encoding_a_batch_is_refused():
    with pytest.raises(ValueError, match=r"\(3, H, W\)"):
        encode_jpeg(make_noise())


def test_surrogate_and_real_jpeg_agree_on_what_is_lost():
    """Both spare a smooth picture and take most of the noise, the same part of it."""
    losses = {}
    for name, container in (("smooth", make_smooth()), ("noise", make_noise())):
        losses[name] = [
            container - surrogate_jpeg(container, container, seeded()),
            container - real_jpeg(container, container, seeded(), quality=50),
        ]
    assert all(loss.std() < 0.03 for loss in losses["smooth"])
    assert all(loss.std() > 0.2 for loss in losses["noise"])
    assert torch.corrcoef(torch.stack(losses["noise"]).flatten(1))[0, 1] > 0.5


@pytest.mark.parametrize("quality", [50, 90])
def test_differentiable_jpeg_is_close_to_the_real_one(quality):
    pytest.importorskip("kornia")
    container = make_smooth()
    imitated = differentiable_jpeg(container, container, seeded(), lowest=quality, highest=quality)
    real = real_jpeg(container, container, seeded(), quality=quality)
    assert (imitated - real).abs().mean() < 2 / 255


def test_differentiable_jpeg_draws_a_quality_for_each_image_and_repeats_with_the_seed():
    pytest.importorskip("kornia")
    container = make_noise(batch=1, size=37).repeat(2, 1, 1, 1)
    first = differentiable_jpeg(container, container, seeded())
    assert first.shape == container.shape
    assert not torch.allclose(first[0], first[1], atol=1e-3)
    assert torch.equal(first, differentiable_jpeg(container, container, seeded()))


def test_differentiable_jpeg_passes_gradients_and_stays_in_range():
    pytest.importorskip("kornia")
    container = make_noise().requires_grad_()
    distorted = differentiable_jpeg(container, container, seeded())
    assert distorted.min() >= 0
    assert distorted.max() <= 1
    (distorted - make_smooth()).square().mean().backward()
    assert container.grad.isfinite().all()
    assert (container.grad != 0).float().mean() > 0.9


def test_missing_kornia_names_the_pip_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "kornia", None)
    monkeypatch.setitem(sys.modules, "kornia.enhance", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'miais\[robust\]'"):
        differentiable_jpeg(make_noise(), make_noise(), seeded())


@pytest.mark.parametrize(("lowest", "highest"), [(0, 50), (60, 50), (50, 101)])
def test_bad_quality_range_is_refused(lowest, highest):
    with pytest.raises(ValueError, match="lowest"):
        differentiable_jpeg(make_noise(), make_noise(), seeded(), lowest=lowest, highest=highest)
