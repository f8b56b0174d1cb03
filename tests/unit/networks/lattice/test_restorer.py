import pytest
import torch

from miais.image import quantize, resize
from miais.metrics import psnr
from miais.networks.lattice.picture import LatticePicture
from miais.networks.lattice.restorer import LatticeRestorer

PICTURE = {"repeats": 8, "key": "3c" * 32, "step": 8.0}


def secrets(side=32, batch=2):
    return torch.rand(batch, 3, side, side, generator=torch.Generator().manual_seed(1))


def covers(height=64, width=64, batch=2):
    return quantize(torch.rand(batch, 3, height, width, generator=torch.Generator().manual_seed(2)))


@pytest.mark.parametrize(("height", "width"), [(64, 64), (90, 120), (200, 77)])
def test_picture_comes_back_from_a_cover_of_any_size(height, width):
    picture, cover = LatticePicture(**PICTURE), covers(height, width)
    container = quantize(picture.write(secrets(), cover))
    assert psnr(picture.read(container, 32), secrets()).min() > 30
    assert psnr(container, cover).min() > 38


def test_small_cover_gets_a_smaller_picture():
    picture, cover = LatticePicture(**PICTURE), covers(20, 20)
    smooth = resize(secrets(4), (32, 32))
    restored = picture.read(quantize(picture.write(smooth, cover)), 32)
    assert restored.shape == smooth.shape
    assert psnr(restored, smooth).min() > 22


def test_black_and_white_do_not_turn_into_each_other():
    picture = LatticePicture(**PICTURE)
    extremes = secrets().round()
    restored = picture.read(quantize(picture.write(extremes, covers())), 32)
    assert (restored.round() != extremes).float().mean() < 0.002


def test_cover_without_room_is_refused():
    with pytest.raises(ValueError, match="room"):
        LatticePicture(**PICTURE, skip=200).write(secrets(batch=1), covers(9, 10, batch=1))


def make_restorer():
    torch.manual_seed(0)
    return LatticeRestorer(32, picture=PICTURE, width=8)


def test_restorer_starts_with_the_picture_as_read():
    restorer, cover = make_restorer().eval(), covers()
    container = quantize(restorer.picture.write(secrets(), cover))
    torch.testing.assert_close(restorer(container), restorer.picture.read(container, 32))


def test_every_parameter_gets_a_gradient():
    restorer = make_restorer()
    for parameter in restorer.body.leave.parameters():
        torch.nn.init.normal_(parameter, std=0.01)
    restorer(covers()).square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in restorer.parameters())


def test_picture_lets_the_gradient_through():
    """r can tell h how to draw what is sent."""
    picture, secret = LatticePicture(**PICTURE), secrets().requires_grad_()
    picture.read(picture.write(secret, covers()), 32).sum().backward()
    inside = (secret.detach() > 0.1) & (secret.detach() < 0.9)
    torch.testing.assert_close(secret.grad[inside], torch.ones_like(secret.grad[inside]), atol=0.02, rtol=0)
