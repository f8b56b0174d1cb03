"""`miais enroll`: remember whom containers hide, by their embeddings."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.options import RECOGNISER, AsJson, KeyFile, Model

EXAMPLES = """\b
Examples:
  miais enroll Ann monday.png tuesday.png --gallery people
  miais enroll Bo containers/*.png --gallery people --no-thumbnails --json
"""


def enroll(
    identity: Annotated[str, typer.Argument(metavar="IDENTITY", help="What to call the person.")],
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Containers that hide the person.")],
    gallery: Annotated[str, typer.Option(metavar="DIR", help="The gallery's folder; made if missing.")],
    model: Model = RECOGNISER,
    key_file: KeyFile = None,
    thumbnails: Annotated[
        bool, typer.Option("--thumbnails/--no-thumbnails", help="Keep a small picture of each container.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Enrol a person by containers; somebody known gets them added.

    No face is stored, and none is restored. A file that cannot be read gets an error line, the others are enrolled, and
    the exit code is 1.
    """
    from datetime import datetime, timezone

    from miais.cli.load_system import load_system
    from miais.cli.output import print_record, print_table
    from miais.gallery.gallery import Enrolment
    from miais.gallery.open import open_gallery
    from miais.identification import maker_of
    from miais.image import read_image
    from miais.thumbnail import thumbnail

    system = load_system(model, key_file)
    people = open_gallery(gallery, maker_of(system), create=True)
    done, failed = [], 0
    try:
        for path in images:
            record: dict[str, object] = {"file": str(path), "person": identity}
            try:
                container = read_image(path)
                small = thumbnail(container) if thumbnails else None
                now = datetime.now(timezone.utc)
                people.enrol([Enrolment(identity, system.embed(container)[0], small, now)])
                done.append((path, identity))
            except (ValueError, OSError) as error:
                failed += 1
                record |= {"person": None, "error": str(error)}
                if not as_json:
                    typer.echo(f"Error: {error}", err=True)
            if as_json:
                print_record(record, as_json=True)
    finally:
        people.close()
    if done and not as_json:
        print_table(("enrolled", "as"), done)
    if failed:
        typer.echo(f"{failed} of {len(images)} files could not be enrolled.", err=True)
        raise typer.Exit(1)
