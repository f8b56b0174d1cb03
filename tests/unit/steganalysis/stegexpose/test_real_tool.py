"""The real StegExpose's output on 88 pictures of the shared folder: natural ones, hidden bits, every edge case."""

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from support.shared_data import shared_folder
from support.stegexpose_output import COLOURS, disagreements, read_rows

from miais.image_limits import opened
from miais.image_samples import read_samples
from miais.steganalysis.stegexpose import (
    chi_square_p_values,
    count_rs_groups,
    message_bytes,
    stegexpose_pixels,
    stegexpose_report,
)

pytestmark = pytest.mark.shared

COUNTS = ("Rm", "Sm", "Rnm", "Snm", "Rm_flipped", "Sm_flipped", "Rnm_flipped", "Snm_flipped")


def reference() -> Path:
    return shared_folder() / "reference" / "stegexpose"


def names() -> list[str]:
    if shared_folder() is None or not reference().is_dir():
        return ["no reference"]  # to be skipped, or to fail, one by one
    return [row["file"] for row in read_rows(reference() / "expected.csv")]


@pytest.fixture(scope="module")
def tool():
    """Rows of the tool's three outputs, by file name."""
    output = {row["file"]: row for row in read_rows(reference() / "expected.csv")}
    counts, p_values = {}, {}
    for row in read_rows(reference() / "expected_rs_counts.csv"):
        key = row["grouping"], row["channel"]
        counts.setdefault(row["file"], {})[key] = [int(row[name]) for name in COUNTS]
    for row in read_rows(reference() / "expected_chi_blocks.csv"):
        p_values.setdefault(row["file"], []).append(float(row["p_value"]))
    return output, counts, p_values


def pixels_of(name: str) -> np.ndarray:
    data = (reference() / "png" / name).read_bytes()
    with opened(data, name) as file:
        return stegexpose_pixels(read_samples(file, data, name).colour)


@pytest.mark.parametrize("name", names())
def test_every_number_is_that_of_the_real_tool(tool, name):
    output, counts, p_values = tool
    pixels = pixels_of(name)
    assert disagreements(pixels, output[name]) == {}

    found = {}
    for channel, colour in enumerate(COLOURS):
        for grouping, groups in zip(
            ("overlap", "nonoverlap"), count_rs_groups(pixels[..., channel]) or (), strict=False
        ):
            found[grouping, colour[0]] = list(astuple(groups))
    assert found == counts.get(name, {})

    if name in p_values:
        np.testing.assert_allclose(chi_square_p_values(pixels), p_values[name], rtol=0, atol=1e-9)
    else:
        assert chi_square_p_values(pixels) is None


def test_message_sizes_are_those_of_the_real_tool(tool):
    for name, row in tool[0].items():
        size = message_bytes(stegexpose_report(pixels_of(name)).fused, int(row["file_bytes"]))
        assert (name, size) == (name, int(row["msg_bytes"]))


def test_the_folder_holds_what_these_tests_expect(tool):
    output, counts, p_values = tool
    assert (len(output), len(counts), len(p_values)) == (88, 85, 13)


def test_grey_table_is_that_of_java():
    rows = read_rows(reference() / "gray8_to_rgb_lut.csv")
    grey = np.array([[int(row["gray"]) for row in rows]], dtype=np.uint8)
    expected = [int(row["rgb"]) for row in rows]
    assert len(expected) == 256
    assert stegexpose_pixels(grey)[0].tolist() == [[level] * 3 for level in expected]
