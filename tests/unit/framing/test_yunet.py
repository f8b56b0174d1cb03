"""YuNet's file is the user's and not in the repository: OpenCV is real here, the network's answers are made up."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from miais.framing import Box, YuNetFinder

cv2 = pytest.importorskip("cv2")


class Answering:
    """In place of OpenCV's detector."""

    def __init__(self, rows):
        self.rows = rows

    def detect(self, canvas):
        self.canvas = canvas
        return 1, self.rows


def row(left, top, side, eyes, mouth, score=0.95):
    """OpenCV's 15 numbers; eyes and corners of the mouth as pairs of points."""
    return [left, top, side, 1.2 * side, *eyes[0], *eyes[1], 0, 0, *mouth[0], *mouth[1], score]


@pytest.fixture
def answering(monkeypatch, tmp_path):
    """answering(rows) -> a finder, and what it asked."""

    def make(*rows):
        detector = Answering(np.array(rows, dtype=np.float32) if rows else None)
        monkeypatch.setattr(cv2, "FaceDetectorYN", SimpleNamespace(create=lambda *arguments: detector))
        (tmp_path / "yunet.onnx").write_bytes(b"network")
        return YuNetFinder(tmp_path / "yunet.onnx"), detector

    return make


def test_mean_training_face_is_framed_as_it_was(answering):
    """Eyes and mouth of the mean of the training pictures, 160x160: the frame is that picture."""
    finder, _ = answering(row(40, 30, 80, [(56, 63.5), (98, 63)], [(61, 109), (97, 109)]))
    (face,) = finder.find(torch.zeros(3, 160, 160))
    assert torch.allclose(torch.tensor(face.frame), torch.tensor([0.0, 0.0, 160.0, 160.0]), atol=1)
    assert face.box == Box(40, 30, 80, 96)


def test_large_photograph_is_reduced_and_boxes_come_back(answering):
    finder, detector = answering(
        row(10, 20, 40, [(20, 30), (40, 30)], [(20, 50), (40, 50)]),
        row(100, 20, 80, [(120, 40), (160, 40)], [(120, 80), (160, 80)]),
    )
    image = torch.zeros(3, 1920, 960)
    image[0] = 1.0  # red
    large, small = finder.find(image)
    assert detector.canvas.shape == (640, 640, 3)
    assert detector.canvas[479, 239].tolist() == [0, 0, 255]  # BGR
    assert not detector.canvas[480:].any()
    assert not detector.canvas[:, 240:].any()
    assert large.box == pytest.approx((400, 80, 320, 384))
    assert small.box == pytest.approx((40, 80, 160, 192))


def test_no_face_is_an_empty_list(answering):
    finder, _ = answering()
    assert finder.find(torch.rand(3, 1, 1)) == []


def test_name_tells_files_apart(answering, tmp_path):
    finder, _ = answering()
    other = tmp_path / "other.onnx"
    other.write_bytes(b"another network")
    assert finder.name != YuNetFinder(other).name


@pytest.mark.parametrize("content", [b"", b"no network", b"version https://git-lfs.github.com/spec/v1\n"])
def test_other_file_is_refused_by_name(tmp_path, content):
    (tmp_path / "foreign.onnx").write_bytes(content)
    with pytest.raises(ValueError, match=r"foreign\.onnx: OpenCV cannot use it as YuNet"):
        YuNetFinder(tmp_path / "foreign.onnx")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file; expected the ONNX file"):
        YuNetFinder(tmp_path / "yunet.onnx")


def test_missing_opencv_names_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'miais\[yunet\]'"):
        YuNetFinder(tmp_path / "yunet.onnx")
