import numpy as np
import torch
from PIL import Image

from miais.obfuscation.ycbcr import rgb_to_ycbcr, ycbcr_to_rgb


def colours():
    levels = torch.tensor([*range(0, 256, 5), 1, 254])
    return torch.cartesian_prod(levels, levels, levels).T.reshape(1, 3, 1, -1).byte()


def test_levels_are_those_of_the_formula_rounded_and_pillows_to_within_one():
    images = colours()
    red, green, blue = images[0, :, 0].double()
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    exact = torch.stack([y, 128 + (blue - y) / 1.772, 128 + (red - y) / 1.402]).clamp(0, 255)
    ours = rgb_to_ycbcr(images)
    assert (ours[0, :, 0] - exact).abs().max() < 0.503
    pillow = np.asarray(Image.fromarray(images[0].permute(1, 2, 0).numpy()).convert("YCbCr")).transpose(2, 0, 1)
    assert np.abs(ours[0].numpy().astype(int) - pillow).max() <= 1


def test_way_back_is_near_for_every_colour_and_exact_for_grey():
    images = colours()
    back = ycbcr_to_rgb(rgb_to_ycbcr(images))
    assert (back.short() - images.short()).abs().max() <= 2
    grey = torch.arange(256).byte().expand(1, 3, 1, 256)
    assert torch.equal(ycbcr_to_rgb(rgb_to_ycbcr(grey)), grey)
    assert (rgb_to_ycbcr(grey)[0, 1:] == 128).all()
