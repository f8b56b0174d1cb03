"""What every gallery asks of enrolments and probes."""

import difflib
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from miais.gallery.gallery import Enrolment, Gallery, UnknownPersonError
from miais.gallery.names import checked_name

_UNIT = 1e-3  # how far from 1 the length of a stored vector may be


def checked_enrolments(enrolments: Sequence[Enrolment], dimension: int) -> list[Enrolment]:
    """Return enrolments with their names as `checked_name` gives them, or refuse what is not as `Enrolment` says.

    Raises:
        ValueError: If a name, an embedding or a time is not.
    """
    checked = [replace(one, person=checked_name(one.person)) for one in enrolments]
    for one in checked:
        name, vector = one.person, one.embedding
        if vector.dtype != torch.float32 or tuple(vector.shape) != (dimension,):
            raise ValueError(
                f"{name}: expected an embedding of shape ({dimension},) in float32, got {vector.dtype} of shape "
                f"{tuple(vector.shape)}; take it from the system that the gallery was made with"
            )
        if not abs(float(vector.norm()) - 1) <= _UNIT:  # also true for NaN
            raise ValueError(f"{name}: expected an embedding of length 1, got {float(vector.norm()):g}")
        if one.added.tzinfo is None:
            raise ValueError(f"{name}: expected a time of enrolment with its zone, got {one.added}; give UTC")
    return checked


def check_probes(probes: Tensor, dimension: int, top: int) -> None:
    """Refuse probes that cannot be compared.

    Raises:
        ValueError: If the shape is another, a number is not finite, or nobody is asked for.
    """
    if probes.ndim != 2 or probes.shape[1] != dimension:
        raise ValueError(f"expected probes of shape (N, {dimension}), got {tuple(probes.shape)}")
    if not probes.isfinite().all():
        raise ValueError("expected finite probes, got NaN or infinity")
    if top < 1:
        raise ValueError(f"expected to find 1 person or more, got top {top}")


def unknown_person(name: str, gallery: Gallery) -> UnknownPersonError:
    """Say that nobody in a gallery is called so, and who nearly is."""
    return UnknownPersonError(name, difflib.get_close_matches(name, [one.name for one in gallery.people()], n=3))
