"""Options and skips for the whole test suite."""

import pytest
import torch
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
