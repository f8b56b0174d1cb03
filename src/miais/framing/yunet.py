"""Faces by YuNet, a small network that OpenCV runs; the user brings its file.

It also finds faces that are turned or tilted, and says where eyes and mouth are.

References:
    Wu et al., YuNet: A Tiny Millisecond-level Face Detector, Machine Intelligence Research 20, 2023.
    The file: https://github.com/opencv/opencv_zoo/tree/main/models/face_detection_yunet , MIT licence.
"""

import hashlib
import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from miais.framing.face_finder import Box, Face
from miais.framing.search_size import Searched, pixels_last

_CANVAS = 640
"""Side of the square that the published network expects; every release of OpenCV runs it at this size."""
_LONGEST = 480
"""It is made for faces of 10 to 300 pixels, so a face may fill five eighths of the photograph, or a fiftieth."""
_SCORE = 0.9
"""OpenCV's own threshold."""

# Mean of every fourth picture of the training people, 2,273 of 160x160: eyes at (56, 63.5) and (98, 63), corners of the
# mouth at (61, 109) and (97, 109). In units of the diagonal of eye distance and eye-to-mouth distance, 62.1 pixels:
_SIDE = 2.57
_RIGHT, _DOWN = 0.03, -0.10


class YuNetFinder:
    """Finds faces with OpenCV and a file of YuNet's.

    Args:
        model: An ONNX file.

    Attributes:
        name: As of every `FaceFinder`; has the file's hash.

    Raises:
        ModuleNotFoundError: If OpenCV is not installed.
        FileNotFoundError: If there is no such file.
        ValueError: If OpenCV cannot load it.
    """

    def __init__(self, model: Path) -> None:
        if importlib.util.find_spec("cv2") is None:
            raise ModuleNotFoundError("YuNet is run by OpenCV; run: pip install 'miais[yunet]'")
        import cv2  # an extra, and not imported where another finder does the work

        if not model.is_file():
            raise FileNotFoundError(f"{model}: no such file; expected the ONNX file of a face detector")
        self._model, self._error = model, cv2.error
        self.name = f"YuNet {hashlib.sha256(model.read_bytes()).hexdigest()[:16]}"
        try:
            self._detector: Any = cv2.FaceDetectorYN.create(str(model), "", (_CANVAS, _CANVAS), _SCORE)
        except cv2.error as error:
            raise self._not_yunet(error) from error

    def find(self, image: Tensor) -> list[Face]:
        """Find faces, see `FaceFinder`.

        Raises:
            ValueError: If the file turns out to be another network.
        """
        searched = Searched(image, _LONGEST)
        pixels = pixels_last(searched.pixels).numpy()
        canvas = np.zeros((_CANVAS, _CANVAS, 3), dtype=np.uint8)
        canvas[: pixels.shape[0], : pixels.shape[1]] = pixels[:, :, ::-1]  # OpenCV's order is BGR
        try:
            _, rows = self._detector.detect(canvas)
        except self._error as error:
            raise self._not_yunet(error) from error
        return searched.faces([_face(row) for row in (() if rows is None else rows.tolist())])

    def _not_yunet(self, error: Exception) -> ValueError:
        reason = " ".join(str(error).split())[:200]
        return ValueError(
            f"{self._model}: OpenCV cannot use it as YuNet ({reason}); expected a file such as "
            "face_detection_yunet_2023mar.onnx of the OpenCV Zoo"
        )


def _face(row: list[float]) -> Face:
    """Read a row of OpenCV's: box, then both eyes, nose and both corners of the mouth, then the score."""
    points = [(row[index], row[index + 1]) for index in range(4, 14, 2)]
    right_eye, left_eye, _, right_corner, left_corner = points
    eyes, mouth = _middle(right_eye, left_eye), _middle(right_corner, left_corner)
    # A face that is turned has its eyes nearer to each other, one that looks down its mouth nearer to them.
    size = math.hypot(math.dist(right_eye, left_eye), math.dist(eyes, mouth))
    across, down = _middle(eyes, mouth)
    side = _SIDE * size
    frame = Box(across + _RIGHT * size - side / 2, down + _DOWN * size - side / 2, side, side)
    return Face(Box(*row[:4]), frame)


def _middle(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
