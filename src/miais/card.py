"""A system's card: what it is, how it was made, what was measured, and the hash of every weight file."""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from miais.metrics.match_calibration import MatchCalibration
from miais.networks.spec import NetworkSpec

CARD_FILE = "card.json"
CARD_FORMAT = 1
# Far above the 48 dB that one grey level of error in every sample leaves.
MAX_PSNR_DB = 200
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

    Raises:
        ValueError: If one of them is not a number, or the rate lies outside [0, 1].
    """

    far: float
    threshold: float
    low: float
    high: float

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not _is_number(value):
                raise ValueError(f"expected a number as {name} of a threshold, got {value!r}")
        if not 0 <= self.far <= 1:
            raise ValueError(f"expected a threshold's far in [0, 1], got {self.far}")


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
        calibration: What a distance says, for `identify`, from the validation split; None where it was not measured.

    Raises:
        ValueError: If the task is unknown, its networks are not as above, a size or count is not a positive integer,
            the budget is not in [0, 200] dB, or another field is not of the type below.
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
    calibration: MatchCalibration | None = None

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
        if self.psnr_db is not None and not (_is_number(self.psnr_db) and 0 <= self.psnr_db <= MAX_PSNR_DB):
            raise ValueError(f"expected a psnr_db in [0, {MAX_PSNR_DB}] or null, got {self.psnr_db!r}")
        kinds = {"name": str, "licence": str, "limits": str, "training": Mapping, "metrics": Mapping}
        for name, kind in kinds.items():
            if not isinstance(getattr(self, name), kind):
                raise ValueError(f"expected a {kind.__name__} as {name}, got {getattr(self, name)!r}")

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
    content = without_nan({"format": CARD_FORMAT, **asdict(card)})
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
        of_run = folder / "system"  # where `miais train` puts the system of a run
        advice = f"give {of_run} instead" if (of_run / CARD_FILE).is_file() else "train one with `miais train`"
        raise FileNotFoundError(f"expected a system's {CARD_FILE} in {folder}, found none; {advice}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        card_format = content.pop("format")
        if card_format != CARD_FORMAT:
            raise ValueError(f"format {CARD_FORMAT} is expected, not {card_format!r}; use the version that wrote it")
        content["networks"] = {role: NetworkSpec(**spec) for role, spec in content["networks"].items()}
        content["thresholds"] = tuple(_threshold(fields) for fields in content["thresholds"])
        content["files"] = dict(content["files"])
        if content.get("calibration") is not None:  # cards of before have none
            content["calibration"] = MatchCalibration.from_json(content["calibration"])
        return SystemCard(**content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: this version of miais cannot read the card: {error!r}") from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def without_nan(value: Any) -> Any:
    """Copy JSON values, with null for what JSON has no number for: NaN and infinity.

    Example:
        >>> without_nan({"psnr_db": math.inf, "cmc": (0.5, math.nan)})
        {'psnr_db': None, 'cmc': [0.5, None]}
    """
    if isinstance(value, Mapping):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _threshold(fields: Mapping[str, float | None]) -> Threshold:
    return Threshold(**{name: math.nan if number is None else number for name, number in fields.items()})
