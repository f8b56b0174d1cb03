"""Pictures for small worlds, and an attacker's bench without progress."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def picture(tmp_path):
    """Write a smooth random picture: picture("covers/a.png", height, width) -> path."""

    def write(name, height=48, width=64, seed=0):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = np.random.default_rng(seed).integers(40, 216, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).save(path)
        return path

    return write
