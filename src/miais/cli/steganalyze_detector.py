"""A trained detector for `miais steganalyze`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from miais.cli.steganalyze_run import Record, failure
from miais.image import read_image, to_uint8
from miais.steganalysis.learned.detector import THRESHOLD, load_detector

_SCORE = "score"


class DetectorJudge:
    """A `Judge` that asks a trained detector, and says beside each score how often clean pictures score as high.

    Args:
        folder: Of the detector.
        threshold: In [0, 1]; None for that of its own scores.

    Raises:
        FileNotFoundError, ValueError: As `load_detector`.
    """

    def __init__(self, folder: Path, threshold: float | None) -> None:
        self.detector = load_detector(folder)
        self.threshold = THRESHOLD if threshold is None else threshold
        self.name = f"{self.detector.card.kind}, trained on {self.detector.card.trained_on}"
        self.scores = (_SCORE, *(_column(source) for source in self.detector.card.clean))
        self.csv_columns = ("file", "stego", *self.scores, "error")

    def records(self, files: Sequence[Path]) -> Iterator[Record]:
        """Yield the files' records, in their order."""
        return map(self._record, files)

    def _record(self, path: Path) -> Record:
        try:
            score = self.detector.score(to_uint8(read_image(path)), str(path))
        except (ValueError, OSError) as error:
            return failure(path, self.scores, error)
        alarms = {_column(source): share for source, share in self.detector.false_alarms(score).items()}
        return {"file": str(path), _SCORE: score, **alarms, "stego": score > self.threshold}


def _column(source: str) -> str:
    return f"clean_{source.replace(' ', '_')}"
