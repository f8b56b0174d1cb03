"""A system's card: what it is, how it was made, what was measured, and the hash of every weight file."""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from miais.networks.build import NetworkSpec

CARD_FILE = "card.json"
CARD_FORMAT = 1
ROLES = {
    "single": ("generator", "classifier", "secret_classifier"),
    "multi": ("generator", "classifier", "secret_classifier", "restorer"),
}


@dataclass(frozen=True)
class Threshold:
    """Largest distance that still means "same person" at a false-accept rate.

    Attributes:
        far: False-accept rate, a fraction.
        threshold: Euclidean distance between unit vectors, in [0, 2]; NaN where too few pairs were there to tell.
        low: Lower end of its 95% interval.
        high: Upper end.
    """

    far: float
    threshold: float
    low: float
    high: float


@dataclass(frozen=True)
class SystemCard:
    """What a folder of weights says of itself.

    Attributes:
        name: Of the system.
        task: "single" (recognition) or "multi" (recognition and restoration).
        image_size: S, side of the images that the networks work on, pixels.
        num_identities: K, people that the classifiers' heads were trained on.
        psnr_db: The budget that `hide` keeps, dB before rounding; None for no budget.
        networks: Kind and arguments by role: generator, classifier, secret_classifier and, for multi, restorer.
        training: Recipe, data, seed, steps, minutes, commit and machine, as recorded.
        metrics: Measured from saved files; says on what. NaN and infinity become null in the file.
        thresholds: For `verify`, calibrated on the validation split.
        licence: Of the weights.
        limits: What the system must not be used for, or does badly.
        files: SHA-256 of every weight file.

    Raises:
        ValueError: If the task is unknown, its networks are not as above, or a size or count is not a positive integer.
    """

    name: str
    task: str
    image_size: int
    num_identities: int
    psnr_db: float | None
    networks: Mapping[str, NetworkSpec]
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    thresholds: tuple[Threshold, ...] = ()
    licence: str = "Apache-2.0"
    limits: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.task not in ROLES:
            raise ValueError(f"expected the task 'single' or 'multi', got {self.task!r}")
        if set(self.networks) != set(ROLES[self.task]):
            raise ValueError(
                f"expected the networks {', '.join(ROLES[self.task])} for the task {self.task!r}, got "
                f"{', '.join(self.networks) or 'none'}"
            )
        for name, count in (("image_size", self.image_size), ("num_identities", self.num_identities)):
            if not isinstance(count, int) or count < 1:
                raise ValueError(f"expected a positive integer as {name}, got {count!r}")

    @property
    def system_hash(self) -> str:
        """One hash for all weights; embeddings of systems with different hashes must not be compared."""
        lines = "".join(f"{name} {digest}\n" for name, digest in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()

    def threshold_at(self, far: float) -> Threshold:
        """Return the threshold calibrated at a false-accept rate.

        Raises:
            ValueError: If the card has none for it.
        """
        for threshold in self.thresholds:
            if abs(threshold.far - far) <= 1e-9:
                return threshold
        known = ", ".join(f"{threshold.far:g}" for threshold in self.thresholds) or "none"
        raise ValueError(f"system {self.name!r} has thresholds at the false-accept rates {known}, not at {far:g}")


def write_card(folder: Path, card: SystemCard) -> None:
    """Write `card.json`, by a temporary name."""
    content = _without_nan({"format": CARD_FORMAT, **asdict(card)})
    temporary = folder / f".{CARD_FILE}.tmp"
    temporary.write_text(json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n", encoding="utf-8")
    os.replace(temporary, folder / CARD_FILE)


def read_card(folder: Path) -> SystemCard:
    """Read `card.json`.

    Raises:
        FileNotFoundError: If the folder has none.
        ValueError: If it is not a card that this version understands.
    """
    path = folder / CARD_FILE
    if not path.is_file():
        raise FileNotFoundError(
            f"expected a system's {CARD_FILE} in {folder}, found none; train one with `miais train`"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        card_format = content.pop("format")
        if card_format != CARD_FORMAT:
            raise ValueError(f"format {CARD_FORMAT} is expected, not {card_format!r}; use the version that wrote it")
        content["networks"] = {role: NetworkSpec(**spec) for role, spec in content["networks"].items()}
        content["thresholds"] = tuple(_threshold(fields) for fields in content["thresholds"])
        content["files"] = dict(content["files"])
        return SystemCard(**content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: this version of miais cannot read the card: {error!r}") from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _without_nan(value: Any) -> Any:
    """Copy JSON values, with null for what JSON has no number for."""
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _threshold(fields: Mapping[str, float | None]) -> Threshold:
    return Threshold(**{name: math.nan if number is None else number for name, number in fields.items()})
