"""Photographs cut to a face, framed as the faces that the systems were trained on.

`frame_face` with a `CascadeFinder` needs only what scikit-image bundles; a `YuNetFinder` finds more, where the user has
its file.
"""

from miais.framing.cascade import CascadeFinder
from miais.framing.face_finder import Box, Face, FaceFinder
from miais.framing.frame_face import Framed, NoFaceError, frame_face
from miais.framing.yunet import YuNetFinder

__all__ = ["Box", "CascadeFinder", "Face", "FaceFinder", "Framed", "NoFaceError", "YuNetFinder", "frame_face"]
