import numpy as np
import pytest
import torch

from miais.steganalysis.stegexpose import (
    chi_square,
    chi_square_p_values,
    count_rs_groups,
    primary_sets,
    rs_analysis,
    sample_pairs,
    stegexpose_report,
)

OF_CHANNEL = (primary_sets, sample_pairs, rs_analysis, count_rs_groups)
OF_PICTURE = (chi_square, chi_square_p_values, stegexpose_report)


@pytest.mark.parametrize("detector", OF_CHANNEL)
@pytest.mark.parametrize("shape", [(4,), (4, 4, 3), (0, 4), (4, 0)])
def test_channels_of_another_shape_are_refused(detector, shape):
    with pytest.raises(ValueError, match=r"shape \(H, W\).*one channel at a time"):
        detector(np.zeros(shape, dtype=np.uint8))


@pytest.mark.parametrize("detector", OF_PICTURE)
@pytest.mark.parametrize("shape", [(4, 4), (3, 4, 4), (4, 4, 4), (1, 4, 4, 3), (0, 4, 3), (4, 0, 3)])
def test_pictures_of_another_shape_are_refused(detector, shape):
    with pytest.raises(ValueError, match=r"shape \(H, W, 3\).*channels last"):
        detector(np.zeros(shape, dtype=np.uint8))


@pytest.mark.parametrize("detector", OF_CHANNEL + OF_PICTURE)
@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.bool_, np.uint16])
def test_other_types_are_refused(detector, dtype):
    with pytest.raises(TypeError, match=r"expected a NumPy array of uint8, got .*to_uint8"):
        detector(np.zeros((4, 4, 3), dtype=dtype))


@pytest.mark.parametrize("detector", OF_CHANNEL + OF_PICTURE)
@pytest.mark.parametrize("value", [torch.zeros(4, 4, 3, dtype=torch.uint8), [[0]], None])
def test_what_is_no_array_is_refused(detector, value):
    with pytest.raises(TypeError, match="expected a NumPy array of uint8, got"):
        detector(value)


@pytest.mark.parametrize("detector", OF_CHANNEL)
def test_any_memory_layout_gives_the_same_and_nothing_is_changed(detector):
    channel = np.random.default_rng(4).integers(90, 95, (12, 18), dtype=np.uint8)
    before = channel.copy()
    expected = detector(channel)
    assert detector(np.asfortranarray(channel)) == expected
    assert detector(np.repeat(channel, 3, axis=1)[:, ::3]) == expected
    channel.setflags(write=False)
    assert detector(channel) == expected
    assert (channel == before).all()


def test_chi_square_of_any_memory_layout():
    pixels = np.random.default_rng(0).integers(90, 99, (300, 302, 3), dtype=np.uint8)
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    assert chi_square(planes.transpose(1, 2, 0)) == chi_square(pixels)
