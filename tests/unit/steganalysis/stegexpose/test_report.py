import math
from dataclasses import FrozenInstanceError, asdict

import numpy as np
import pytest
import torch

from miais.image import from_uint8, read_image, to_uint8, write_png
from miais.steganalysis import stegexpose_report
from miais.steganalysis.stegexpose import chi_square, primary_sets, rs_analysis, sample_pairs

ALL = ("primary_sets", "sample_pairs", "chi_square", "rs")


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def flat(height: int, width: int, level: int = 128) -> np.ndarray:
    return np.full((height, width, 3), level, dtype=np.uint8)


def test_detectors_are_averaged_over_channels_and_limited_once():
    pixels = np.random.default_rng(2).integers(60, 75, (300, 302, 3), dtype=np.uint8)
    report = stegexpose_report(pixels)
    red, green, blue = (pixels[..., channel] for channel in range(3))
    assert report.chi_square == chi_square(pixels)
    pairs = (sample_pairs(red) + sample_pairs(green) + sample_pairs(blue)) / 3
    assert report.sample_pairs == min(1, abs(pairs))
    groups = np.array([rs_analysis(red), rs_analysis(green), rs_analysis(blue)])
    assert report.rs == pytest.approx(min(1, groups.mean()), abs=1e-15)
    length = primary_sets(red)
    assert report.primary_sets == pytest.approx(min(1, abs(length)), nan_ok=True)
    values = [getattr(report, name) for name in ALL]
    assert report.fused == pytest.approx(np.nanmean(values), abs=1e-15)
    assert report.tried == ALL


def test_an_image_of_the_project_gives_the_numbers_of_its_file(tmp_path):
    pixels = noise(32, 48)
    write_png(tmp_path / "noise.png", from_uint8(torch.from_numpy(pixels).movedim(-1, 0)))
    image = read_image(tmp_path / "noise.png")
    assert str(stegexpose_report(to_uint8(image).movedim(0, -1).numpy())) == str(stegexpose_report(pixels))


def test_primary_sets_look_at_red_alone():
    pixels = noise(32, 32)
    other = pixels.copy()
    other[..., 1:] = 0
    assert stegexpose_report(other).primary_sets == pytest.approx(stegexpose_report(pixels).primary_sets, nan_ok=True)


def test_signs_cancel_across_channels_before_the_magnitude_is_taken():
    pixels = np.random.default_rng(1).integers(90, 95, (12, 18, 3), dtype=np.uint8)
    lengths = [sample_pairs(pixels[..., channel]) for channel in range(3)]
    assert min(lengths) < 0 < max(lengths)
    assert stegexpose_report(pixels).sample_pairs == min(1, abs((lengths[0] + lengths[1] + lengths[2]) / 3))


@pytest.mark.parametrize(
    ("pixels", "missing"),
    [
        (flat(64, 64), {"chi_square"}),
        (flat(300, 300), set()),
        (flat(64, 65), {"chi_square", "sample_pairs"}),
        (flat(65, 64), {"chi_square", "sample_pairs"}),
        (flat(299, 297), {"sample_pairs"}),
        (flat(1, 8), {"chi_square", "sample_pairs", "rs"}),
    ],
)
def test_what_is_missing_at_which_size(pixels, missing):
    report = stegexpose_report(pixels)
    assert {name for name in ALL if getattr(report, name) is None} == missing
    assert not math.isnan(report.fused)


@pytest.mark.parametrize("shape", [(1, 1), (8, 1)])
def test_a_picture_of_one_column_has_no_score(shape):
    report = stegexpose_report(flat(*shape))
    assert math.isnan(report.primary_sets)
    assert (report.sample_pairs, report.rs, report.chi_square) == (None, None, None)
    assert math.isnan(report.fused)
    assert not report.stego
    assert stegexpose_report(flat(*shape), fast=True).tried == ALL


@pytest.mark.parametrize(("level", "fused", "stego"), [(127, 0.0, False), (128, 0.25, True)])
def test_flat_pictures_large_enough_for_chi_square(level, fused, stego):
    report = stegexpose_report(flat(300, 300, level))
    assert report.fused == pytest.approx(fused, abs=1e-6)
    assert report.stego is stego


def test_the_threshold_itself_is_not_exceeded():
    pixels = noise(64, 64)
    fused = stegexpose_report(pixels).fused
    assert not stegexpose_report(pixels, threshold=fused).stego
    assert stegexpose_report(pixels, threshold=np.nextafter(fused, 0)).stego
    assert not stegexpose_report(flat(8, 8), threshold=0).stego


def test_fast_mode_stops_as_soon_as_the_mean_is_below_the_threshold():
    report = stegexpose_report(flat(300, 300), fast=True)
    assert report.tried == ("primary_sets",)
    assert (report.primary_sets, report.sample_pairs, report.chi_square, report.rs) == (0.0, None, None, None)
    assert (report.fused, report.stego) == (0.0, False)
    assert stegexpose_report(flat(300, 300), fast=True, threshold=0).tried == ALL


def test_fast_mode_goes_on_where_a_detector_is_silent():
    pixels = np.tile(np.arange(62, 0, -2, dtype=np.uint8)[:30], (30, 1))[..., None].repeat(3, axis=2)
    report = stegexpose_report(pixels, fast=True)
    assert math.isnan(report.primary_sets)
    assert len(report.tried) > 1


def test_fast_mode_agrees_with_the_default_where_it_does_not_stop():
    pixels = noise(300, 300)
    assert str(stegexpose_report(pixels, fast=True)) == str(stegexpose_report(pixels))  # NaN differs from itself


@pytest.mark.parametrize("threshold", [-0.1, 1.1, math.nan])
def test_thresholds_outside_are_refused(threshold):
    with pytest.raises(ValueError, match=r"expected a threshold in \[0, 1\], got"):
        stegexpose_report(flat(8, 8), threshold=threshold)


def test_a_report_is_frozen_and_has_the_names_of_the_command_line():
    report = stegexpose_report(flat(8, 8))
    names = ["primary_sets", "sample_pairs", "rs", "chi_square", "fused", "stego", "tried"]
    assert list(asdict(report)) == names
    with pytest.raises(FrozenInstanceError):
        report.fused = 1.0
