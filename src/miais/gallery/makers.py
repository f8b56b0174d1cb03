"""What made a gallery's embeddings: kept beside them as JSON, and compared with what makes those that come."""

import json
from dataclasses import asdict

from miais.gallery.gallery import Maker

_FORMAT = 1


class OtherMakerError(ValueError):
    """Embeddings of two makers would be compared."""


def check_maker(where: str, kept: Maker, wanted: Maker | None) -> None:
    """Refuse embeddings that say nothing about each other.

    Args:
        where: What to call the gallery.
        kept: What made its embeddings.
        wanted: What makes those that come; None if none come.

    Raises:
        OtherMakerError: If the system's weights, the key or the dimension differ; the text says which.
    """
    if wanted is None:
        return
    by = "other weights of that system" if kept.system == wanted.system else "another system"
    labels = {"system_hash": by, "key_fingerprint": "another key", "dimension": "another dimension"}
    for name, label in labels.items():
        old, new = getattr(kept, name), getattr(wanted, name)
        if old != new:
            raise OtherMakerError(
                f"{where}: made with {label} ({kept.system}: {_short(old)}, now {wanted.system}: "
                f"{_short(new)}); use the system and key that it was made with, or enrol into a new gallery"
            )


def maker_as_json(maker: Maker) -> str:
    """Write a maker down.

    Example:
        >>> maker_from_json(maker_as_json(Maker("lfw-single", "a1", None, 128))).dimension
        128
    """
    return json.dumps({"format": _FORMAT, **asdict(maker)}, indent=2) + "\n"


def maker_from_json(text: str) -> Maker:
    """Read a maker.

    Raises:
        ValueError: If it is not one that this version understands.
    """
    try:
        content = json.loads(text)
        if content.pop("format") != _FORMAT:
            raise ValueError(f"format {_FORMAT} is expected")
        return Maker(**content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this version of miais cannot read what made the gallery: {error!r}") from error


def _short(value: object) -> str:
    return "public key" if value is None else str(value)[:16]
