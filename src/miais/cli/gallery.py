"""`miais gallery`: who is enrolled, forget somebody, carry a gallery elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.gallery_option import GalleryPlace, opened_gallery
from miais.cli.options import AsJson

EXAMPLES = """\b
Examples:
  miais gallery list --gallery people
  miais gallery info --gallery people
  miais gallery forget Ann --gallery people
  miais gallery export people.zip --gallery people
  miais gallery import people.zip --gallery elsewhere
"""

_SHOWN = 40  # characters of a name in a table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, epilog=EXAMPLES)


@app.callback()
def _gallery() -> None:
    """List the people of a gallery, forget one, export or import all."""


@app.command("list")
def list_(gallery: GalleryPlace, as_json: AsJson = False) -> None:
    """List the people with their number of containers."""
    from miais.cli.output import print_record, print_table

    with opened_gallery(gallery, None) as opened:
        people = opened.people()
    if not as_json:
        rows = [(_shortened(one.name), one.containers, f"{one.added:%F %T}") for one in people]
        print_table(("person", "containers", "added"), rows)
        return
    for one in people:
        record = {"person": one.name, "containers": one.containers, "added": one.added.isoformat()}
        print_record(record, as_json=True)


@app.command()
def forget(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The person.")],
    gallery: GalleryPlace,
    as_json: AsJson = False,
) -> None:
    """Remove a person with all that the gallery's files hold of them."""
    from miais.cli.output import print_record
    from miais.gallery.gallery import UnknownPersonError

    with opened_gallery(gallery, None) as opened:
        try:
            removed = opened.forget(name)
        except UnknownPersonError as error:
            raise ValueError(f"{error}{'' if error.near else '; `miais gallery list` shows who is'}") from error
    print_record({"person": name, "removed": removed}, as_json=as_json)


@app.command()
def info(gallery: GalleryPlace, as_json: AsJson = False) -> None:
    """Say how many people a gallery has and which system made it."""
    from dataclasses import asdict

    from miais.cli.output import print_record

    with opened_gallery(gallery, None) as opened:
        record = {"people": len(opened), "containers": opened.containers, **asdict(opened.maker)}
    print_record(record, as_json=as_json)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new zip file.")],
    gallery: GalleryPlace,
    as_json: AsJson = False,
) -> None:
    """Write all that a gallery holds to one file."""
    from miais.cli.output import print_record
    from miais.gallery.transfer import export_gallery

    with opened_gallery(gallery, None) as opened:
        count = export_gallery(opened, file)
    print_record({"file": str(file), "containers": count}, as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Written by export.")],
    gallery: GalleryPlace,
    as_json: AsJson = False,
) -> None:
    """Add what an exported gallery holds and is not there yet; the gallery is made if missing."""
    from miais.cli.output import print_record
    from miais.gallery.transfer import import_gallery, maker_in

    with opened_gallery(gallery, maker_in(file), create=True) as opened:
        done = import_gallery(opened, file)
    print_record({"file": str(file), "containers": done.added, "already_there": done.there}, as_json=as_json)


def _shortened(name: str) -> str:
    return name if len(name) <= _SHOWN else f"{name[: _SHOWN - 1]}…"
