import pytest
import torch
from support.detectors import untrained_detector

from miais.image import from_uint8, resize, write_png
from miais.steganalysis.learned.detector import Detector, DetectorCard, load_detector
from miais.steganalysis.learned.kinds import KINDS
from miais.steganalysis.lsb import replace_last_bits
from miais.steganalysis.shield import RARE, Inspection, inconspicuousness, inspect
from miais.steganalysis.stegexpose.files import analyse_file


@pytest.fixture
def pair(tmp_path):
    """A smooth cover, and the same with a message in every last bit."""
    random = torch.Generator().manual_seed(4)
    clouds = resize(torch.rand(1, 3, 12, 16, generator=random), (96, 128))[0]
    cover = (40 + 160 * clouds + torch.randn(3, 96, 128, generator=random)).to(torch.uint8)
    stego = replace_last_bits(cover, 1.0, torch.Generator().manual_seed(1))
    paths = tmp_path / "cover.png", tmp_path / "stego.png"
    for path, image in zip(paths, (cover, stego), strict=True):
        write_png(path, from_uint8(image))
    return paths


def test_last_bits_stand_out_and_the_cover_does_not(pair):
    cover, container = pair
    (found,) = inspect(cover, container)
    assert found.detector == "stegexpose"
    assert found.container == analyse_file(container).report.fused
    assert found.cover == analyse_file(cover).report.fused
    assert found.clean_share < RARE
    assert "its cover does not" in found.warning
    (untouched,) = inspect(cover, cover)
    assert untouched.warning is None


def test_a_cover_that_scores_as_high_is_to_blame(pair):
    (found,) = inspect(pair[1], pair[1])
    assert "take another one" in found.warning


def test_a_trained_detector_knows_its_own_clean_pictures(pair, tmp_path):
    detector = load_detector(untrained_detector(tmp_path / "detector"))
    _, learned = inspect(*pair, detector)
    assert learned.detector == "yedroudj"
    assert learned.clean_share == 0.25  # of the source with the most pictures
    assert inconspicuousness(inspect(*pair, detector)) < RARE


def test_no_answer_is_no_reason_to_warn():
    assert Inspection("stegexpose", None, None, 1.0).warning is None


def test_a_detector_without_clean_pictures_is_refused(pair):
    kind = KINDS["yedroudj"]
    with pytest.raises(ValueError, match="knows scores of clean pictures"):
        inspect(*pair, Detector(DetectorCard("yedroudj", 64, "rgb", "x"), kind.build(64, "rgb")))
