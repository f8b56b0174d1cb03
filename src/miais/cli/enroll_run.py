"""What `miais enroll` does once its arguments are known."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import typer
from torch import Tensor

from miais.cli.enroll_namesakes import Namesakes
from miais.cli.face_option import face_facts, framed_picture, note_of_faces, place_of_face
from miais.cli.output import print_outcome, print_table
from miais.cli.pictures import pictures_of
from miais.containers import embed_containers
from miais.framing import FaceFinder
from miais.gallery.gallery import Enrolment, Gallery
from miais.gallery.names import checked_name
from miais.image import read_image
from miais.system import StegoSystem
from miais.thumbnail import thumbnail

Reader: TypeAlias = Callable[[Path], tuple[Tensor, dict[str, Any]]]
"""Makes a container, shape (3, H, W), of a file, and says what `face_facts` says of its face, if it looked for one."""


def enrolled_as(people: Path) -> list[tuple[str, Path]]:
    """Say which file of a folder with a folder for each person is enrolled as whom.

    Returns:
        Names and files; of somebody of whom there is no picture, the folder, for `enrol_all` to say so.

    Raises:
        ValueError: If there is nobody in the folder.
    """
    folders = sorted(path for path in people.iterdir() if path.is_dir() and path.name[0] != ".")
    if not folders:
        raise ValueError(f"{people}: expected a folder for each person in it, got none")
    wanted = []
    for folder in folders:
        try:
            wanted += [(folder.name, path) for path in pictures_of(folder)]
        except ValueError:
            wanted.append((folder.name, folder))
    return wanted


def container_reader(system: StegoSystem, cover: Path | None, finder: FaceFinder | None) -> Reader:
    """Return what makes containers of files.

    Args:
        system: Hides photographs.
        cover: What to hide photographs in; None where the files are containers.
        finder: Finds the face in a photograph; None to hide it whole.

    Raises:
        FileNotFoundError, ImageError: As `read_image`, of the cover.
    """
    if cover is None:
        return lambda path: (read_image(path), {})
    picture = read_image(cover)

    def hidden(path: Path) -> tuple[Tensor, dict[str, Any]]:
        if finder is None:
            return system.hide(read_image(path), picture), {}
        framed = framed_picture(path, finder)
        return system.hide(framed.image, picture), face_facts(framed)

    return hidden


def enrol_all(
    system: StegoSystem,
    gallery: Gallery,
    wanted: Sequence[tuple[str, Path]],
    read: Reader,
    *,
    thumbnails: bool,
    as_json: bool,
) -> int:
    """Enrol one file after another, and print each; warn where one person seems to be two.

    Args:
        system: What made the containers.
        gallery: Where they go.
        wanted: As `enrolled_as` gives it.
        read: Makes a container of a file.
        thumbnails: Whether to keep a small picture of each container.
        as_json: Print lines of JSON instead of a table.

    Returns:
        How many files could not be enrolled.
    """
    done, failed, namesakes = [], 0, Namesakes(gallery)
    for person, path in wanted:
        record: dict[str, Any] = {"file": str(path), "person": person}
        notes: list[str] = []
        try:
            name = checked_name(person)
            if path.is_dir():
                pictures_of(path)  # says why there are none
            container, facts = read(path)
            vector = embed_containers(system, container, str(path))[0]
            one = Enrolment(name, vector, thumbnail(container) if thumbnails else None, datetime.now(UTC))
            notes = namesakes.notes_on(one)
            new = gallery.enrol([one]) > 0
            record |= {"person": name, "added": new, **facts}
            shown = name if new else f"{name} (already enrolled)"
            done.append((path, shown, place_of_face(facts["face"]) if facts else None))
        except (ValueError, OSError) as error:
            failed += 1
            record |= {"person": None, "error": str(error)}
        print_outcome(record, as_json=as_json)
        for note in filter(None, [note_of_faces(record), *notes]):
            typer.echo(f"Warning: {path}: {note}", err=True)
    if done and not as_json:
        with_face = any(face for *_, face in done)
        print_table(("enrolled", "as", "face")[: 2 + with_face], [row[: 2 + with_face] for row in done])
    return failed
