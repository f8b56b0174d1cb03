import numpy as np
import torch
from support.byte_pictures import byte_picture

from miais.obfuscation import PixelBasedEncryption
from miais.obfuscation.keyed_draws import keyed_bits, keyed_integers

KEY = bytes(range(32))
ORDERS = ("RGB", "RBG", "GRB", "GBR", "BRG", "BGR")


def test_values_are_inverted_and_then_channels_ordered():
    height, width = 6, 9
    picture = byte_picture(height, width).numpy()
    hidden = PixelBasedEncryption(KEY)(torch.from_numpy(picture)).numpy()
    inverted = PixelBasedEncryption(KEY, shuffle_channels=False)(torch.from_numpy(picture)).numpy()
    bits = keyed_bits(KEY, "pbie bits", 3 * height * width).reshape(height, width, 3)
    orders = keyed_integers(KEY, "pbie orders", 6, height * width).reshape(height, width)
    for row in range(height):
        for column in range(width):
            pixel = {
                name: 255 - picture[c, row, column] if bits[row, column, c] else picture[c, row, column]
                for c, name in enumerate("RGB")
            }
            assert inverted[:, row, column].tolist() == [pixel[name] for name in "RGB"]
            assert hidden[:, row, column].tolist() == [pixel[name] for name in ORDERS[orders[row, column]]]


def test_no_channel_is_lost():
    """Swapping in place through views would double one."""
    picture = torch.tensor([0, 1, 2], dtype=torch.uint8).view(3, 1, 1).expand(3, 40, 40)
    hidden = PixelBasedEncryption(KEY)(picture)
    plain = torch.minimum(hidden, 255 - hidden)
    np.testing.assert_array_equal(plain.sort(dim=0).values, picture)
