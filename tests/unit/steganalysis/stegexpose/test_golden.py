"""The real StegExpose's numbers on photographs that scikit-image bundles, clean and with random bits hidden.

`golden_skimage.csv` is output of the tool (commit e8312cb of b3dk7/StegExpose, JDK 17) on PNGs of these pictures.
"""

from pathlib import Path

import numpy as np
import pytest
from support.lsb_replacement import lsb_replaced
from support.stegexpose_output import disagreements, read_rows

GOLDEN = read_rows(Path(__file__).with_name("golden_skimage.csv"))


def picture(name: str) -> np.ndarray:
    """Make `<photograph>_clean` or `<photograph>_lsb<percent>`."""
    data = pytest.importorskip("skimage.data")
    photograph, treatment = name.split("_")
    whole = photograph == "astronaut512"
    side = 512 if whole else 256
    pixels = getattr(data, "astronaut" if whole else photograph)()[:side, :side, :3]
    return pixels if treatment == "clean" else lsb_replaced(pixels, int(treatment.removeprefix("lsb")))


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: row["file"])
def test_every_number_is_that_of_the_real_tool(row):
    assert disagreements(picture(row["file"]), row) == {}


def test_the_golden_file_has_all_cases():
    assert len(GOLDEN) == 15
    assert {row["stego_0.2"] for row in GOLDEN} == {"true", "false"}
    assert {"ps", "ps+sp+cs", "ps+sp+cs+rs"} <= {row["fast_stages"] for row in GOLDEN}
