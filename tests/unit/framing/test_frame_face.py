import pytest
import torch

from miais.framing import Box, Face, NoFaceError, frame_face


class Fixed:
    """Finds what it is told to."""

    name = "fixed"

    def __init__(self, *faces):
        self.faces = list(faces)

    def find(self, image):
        return self.faces


def ramp(height, width):
    """A picture whose pixels tell their row and column."""
    rows, columns = torch.meshgrid(torch.arange(height) / 100, torch.arange(width) / 100, indexing="ij")
    return torch.stack([rows, columns, torch.zeros(height, width)])


def test_frame_is_cut_out_at_the_photographs_own_resolution():
    face = Face(Box(12, 11, 6, 6), Box(10.2, 8.6, 10, 10))
    framed = frame_face(ramp(40, 60), Fixed(face))
    assert torch.equal(framed.image, ramp(40, 60)[:, 9:19, 10:20])
    assert framed.box == face.box
    assert framed.others == 0


def test_largest_is_taken_and_the_others_are_counted():
    faces = [Face(Box(20, 20, 9, 9), Box(19, 19, 12, 12)), *[Face(Box(2, 2, 5, 5), Box(1, 1, 7, 7))] * 2]
    framed = frame_face(ramp(40, 60), Fixed(*faces))
    assert framed.box == faces[0].box
    assert framed.others == 2
    assert torch.equal(framed.image, ramp(40, 60)[:, 19:31, 19:31])


def test_outside_the_photograph_is_its_edge():
    framed = frame_face(ramp(8, 10), Fixed(Face(Box(0, 0, 8, 8), Box(-3, -2, 14, 14))))
    padded = torch.nn.functional.pad(ramp(8, 10)[None], (3, 1, 2, 4), mode="replicate")[0]
    assert torch.equal(framed.image, padded)


def test_frame_far_outside_is_still_a_picture():
    assert frame_face(ramp(8, 10), Fixed(Face(Box(0, 0, 1, 1), Box(50, 50, 0.2, 0.2)))).image.shape == (3, 1, 1)


def test_no_face_says_what_to_do():
    with pytest.raises(NoFaceError, match="no face found in these 10x8 pixels; take a picture that shows it from the"):
        frame_face(ramp(8, 10), Fixed())
