import math

import numpy as np
import torch
from support.byte_pictures import byte_picture

from miais.obfuscation import HogEncryption, block_hog

KEY = bytes(range(32))


def pictures():
    random = torch.Generator().manual_seed(1)
    noisy = torch.randint(-9, 10, (3, 3, 48, 64), generator=random)
    waves = torch.stack([byte_picture(48, 64, seed) for seed in (0, 3, 11)])
    return (waves.short() + noisy).clamp(0, 255).byte()


def test_histograms_are_those_of_plain_loops():
    picture = byte_picture(8, 16).numpy().astype(int)
    features = block_hog(torch.from_numpy(picture).byte(), block=8)
    for number in range(2):
        block = picture[:, :, 8 * number : 8 * number + 8]
        histogram = np.zeros(8)
        for channel in block:
            for row in range(8):
                for column in range(8):
                    down = channel[min(row + 1, 7), column] - channel[max(row - 1, 0), column]
                    across = channel[row, min(column + 1, 7)] - channel[row, max(column - 1, 0)]
                    degrees = math.degrees(math.atan2(down, across)) % 180
                    histogram[math.floor(degrees / 22.5 + 0.5) % 8] += math.hypot(down, across)
        np.testing.assert_allclose(features[0, number], histogram / np.linalg.norm(histogram), atol=1e-12)


def test_products_of_hidden_pictures_are_those_of_plain_ones():
    """So a support vector machine with a linear or Gaussian kernel learns the same from either."""
    plain = pictures()
    method = HogEncryption(KEY)
    features, hidden = (block_hog(images).flatten(1) for images in (plain, method(plain)))
    torch.testing.assert_close(hidden @ hidden.T, features @ features.T)
    torch.testing.assert_close(torch.cdist(hidden, hidden), torch.cdist(features, features))
    assert (hidden - features).abs().max() > 0.1
    others = block_hog(HogEncryption(bytes(32))(plain)).flatten(1)
    assert (others @ hidden.T - features @ features.T).abs().max() > 0.1


def test_flat_picture_has_no_direction():
    assert block_hog(torch.full((3, 16, 16), 7, dtype=torch.uint8)).abs().sum() == 0
