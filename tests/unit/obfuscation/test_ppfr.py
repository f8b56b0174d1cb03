import hashlib

import pytest
import torch
from support.byte_pictures import byte_picture

from miais.obfuscation import XorEncryption
from miais.obfuscation.lorenz import lorenz_bytes

KEY = bytes(range(32))


def test_lorenz_mask_is_one_for_all_channels_and_pictures_and_undoes_itself():
    batch = torch.stack([byte_picture(48, 64, seed) for seed in range(2)])
    method = XorEncryption(KEY)
    hidden = method(batch)
    mask = hidden ^ batch
    assert torch.equal(mask, mask[:1, :1].expand_as(mask))
    assert mask[0, 0].flatten().tolist() == lorenz_bytes(KEY, "ppfr lorenz", 48 * 64).tolist()
    assert torch.equal(method(hidden), batch)
    digest = hashlib.sha256(hidden[0].numpy().tobytes()).hexdigest()
    assert digest == "d1f4d2dd1d9ccec43deaab6ed2742d79521acb4972d110443fed16a60d8ef640"


def test_channels_may_have_masks_of_their_own():
    black = torch.zeros(3, 32, 32, dtype=torch.uint8)
    red, green, blue = XorEncryption(KEY, generator="shake", per_channel=True)(black)
    assert all((one == other).float().mean() < 0.02 for one, other in ((red, green), (red, blue), (green, blue)))
    assert torch.equal(red, XorEncryption(KEY, generator="shake")(black)[0])


@pytest.mark.parametrize("bits", [1, 4, 8])
def test_only_low_bits_change(bits):
    mask = XorEncryption(KEY, generator="shake", bits=bits)(torch.zeros(3, 128, 128, dtype=torch.uint8))
    assert mask.max() == 2**bits - 1
    assert mask.unique().numel() == 2**bits


@pytest.mark.parametrize("density", [0.0, 0.25, 0.78, 1.0])
def test_only_a_share_of_the_pixels_is_masked(density):
    mask = XorEncryption(KEY, generator="shake", density=density)(torch.zeros(3, 64, 64, dtype=torch.uint8))
    assert abs((mask[0] != 0).double().mean() - density * 255 / 256) < 0.03
