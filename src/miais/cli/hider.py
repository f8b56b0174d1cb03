"""One secret hidden as the sender wants it: in this cover or in the best of a folder, looked at or not."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import typer

from miais.cli.cover_ledger import CoverLedger
from miais.cli.face_option import framed_picture, note_of_faces, place_of_face
from miais.cli.hide_file import hide_file, note_if_not_restorable
from miais.cli.output import print_record
from miais.cli.pictures import pictures_of
from miais.framing import FaceFinder, Framed
from miais.image import ImageError
from miais.steganalysis.learned.detector import Detector, load_detector
from miais.steganalysis.shield import Inspection, inconspicuousness, inspect
from miais.system import StegoSystem


@dataclass(frozen=True)
class Shield:
    """How a sender looks at containers before they are sent.

    Attributes:
        detector: A trained one to ask beside StegExpose, or None.
        folder: Of covers to choose from, each once; None where the cover is given.
        among: How many unused covers to try.
    """

    detector: Detector | None = None
    folder: Path | None = None
    among: int = 8


@dataclass(frozen=True)
class _Candidate:
    record: dict[str, Any]
    cover: Path
    container: Path
    inspections: Sequence[Inspection]


@dataclass(frozen=True)
class Hider:
    """Hides secrets.

    Attributes:
        system: What hides.
        strength: Factor on the change to the cover.
        shield: How the containers are looked at; None not to.
        finder: Finds the face that is hidden instead of the whole secret; None to hide secrets whole.
    """

    system: StegoSystem
    strength: float
    shield: Shield | None = None
    finder: FaceFinder | None = None

    @property
    def chooses(self) -> bool:
        """Whether it takes covers from a folder of its own."""
        return self.shield is not None and self.shield.folder is not None

    def hide(self, secret: Path, cover: Path, container: Path) -> dict[str, Any]:
        """Hide a secret, save the container, measure it, and look at it.

        Args:
            secret: A picture.
            cover: A picture; not looked at where the shield has a folder.
            container: Where to write, ending in `.png`.

        Returns:
            What `hide_file` returns; with a shield also `check`, an object for each detector, and `warning`, or None.

        Raises:
            FileNotFoundError, ImageError, OSError: As `hide_file`.
            NoFaceError: If there is a finder, and no face.
            ValueError: If no cover of the shield's folder is left, or its ledger is damaged.
        """
        framed = None if self.finder is None else framed_picture(secret, self.finder)
        if self.shield is not None and self.shield.folder is not None:
            return self._best_of(self.shield, self.shield.folder, secret, container, framed)
        record = hide_file(self.system, secret, cover, container, strength=self.strength, framed=framed)
        if self.shield is None:
            return record
        return {**record, **_checked(inspect(cover, container, self.shield.detector))}

    def _best_of(
        self, shield: Shield, folder: Path, secret: Path, container: Path, framed: Framed | None
    ) -> dict[str, Any]:
        """Try some unused covers and keep the container that stands out least, of equal ones that of the best PSNR."""
        ledger, taken = CoverLedger(folder), (secret.resolve(), container.resolve())
        covers = [path for path in pictures_of(folder) if path.resolve() not in taken]
        with tempfile.TemporaryDirectory(prefix=f".{container.stem}.", dir=container.parent) as place:
            tried = [
                self._candidate(shield, secret, cover, Path(place) / f"{number}.png", framed)
                for number, cover in enumerate(islice(ledger.unused(covers), shield.among))
            ]
            candidates = [each for each in tried if isinstance(each, _Candidate)]
            failures = [each for each in tried if isinstance(each, ImageError)]
            if failures and not candidates:
                raise failures[0]
            for best in sorted(candidates, key=_rank, reverse=True):
                if ledger.claim(best.cover, container):
                    os.replace(best.container, container)
                    return {**best.record, "container": str(container), **_checked(best.inspections)}
        raise ValueError(
            f"{folder}: none of its {len(covers)} covers is left, {ledger.path.name} lists the used ones; add "
            "pictures: two containers of one cover can be compared"
        )

    def _candidate(
        self, shield: Shield, secret: Path, cover: Path, container: Path, framed: Framed | None
    ) -> "_Candidate | ImageError":
        """Hide a secret in one cover; an error is that of the cover, or of the secret in all covers alike."""
        try:
            record = hide_file(self.system, secret, cover, container, strength=self.strength, framed=framed)
            return _Candidate(record, cover, container, inspect(cover, container, shield.detector))
        except ImageError as error:
            return error


def make_shield(check: bool, detector: Path | None, covers: Path | None, among: int) -> Shield | None:
    """Return the shield that the options ask for; None if they ask for none.

    Raises:
        FileNotFoundError, ValueError: As `load_detector`.
    """
    if not check and detector is None and covers is None:
        return None
    return Shield(None if detector is None else load_detector(detector), covers, among)


def hide_and_print(hider: Hider, secret: Path, cover: Path, out: Path, *, model: str, as_json: bool) -> None:
    """Hide one secret and print what was done; arguments as `Hider.hide`, and the name of the system."""
    record = hider.hide(secret, cover, out)
    print_record((record if as_json else _in_words(record)) | {"model": model}, as_json=as_json)
    if not as_json:
        note_if_not_restorable(hider.system)
    note = note_of_faces(record)
    if note is not None:
        typer.echo(f"Warning: {secret}: {note}", err=True)
    if record.get("warning"):
        typer.echo(f"Warning: {record['warning']}", err=True)


def _in_words(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as a person reads it; a warning stands below the table."""
    words = {key: value for key, value in record.items() if key not in ("check", "warning")}
    if "face" in record:
        words["face"] = place_of_face(record["face"])
    for found in record.get("check", ()):
        score = "no answer" if found["container"] is None else f"{found['container']:.3g}"
        words[f"check: {found['detector']}"] = f"{score}; {found['clean_share']:.0%} of clean pictures score as high"
    return words


def _rank(candidate: _Candidate) -> tuple[float, float]:
    decibels = candidate.record.get("psnr_db")
    return inconspicuousness(candidate.inspections), float("inf") if decibels is None else float(decibels)


def _checked(inspections: Sequence[Inspection]) -> dict[str, Any]:
    warnings = [inspection.warning for inspection in inspections if inspection.warning is not None]
    return {"check": [asdict(inspection) for inspection in inspections], "warning": "; ".join(warnings) or None}
