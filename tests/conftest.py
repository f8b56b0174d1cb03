"""Options, skips and pictures for the whole test suite."""

import numpy as np
import pytest
import torch
from PIL import Image
from support.shared_data import SKIP_REASON, shared_folder


def pytest_addoption(parser):
    parser.addoption("--runslow", action="store_true", help="also run the tests marked slow")


def pytest_collection_modifyitems(config, items):
    skips = {
        "slow": (not config.getoption("--runslow"), "slow: run with --runslow"),
        "shared": (shared_folder() is None, SKIP_REASON),
        "gpu": (not torch.cuda.is_available(), "needs a CUDA device"),
    }
    for item in items:
        for marker, (absent, reason) in skips.items():
            if absent and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


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
