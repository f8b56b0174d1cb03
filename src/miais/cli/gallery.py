"""`miais gallery`: who is enrolled, forget somebody, carry a gallery elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.options import AsJson

EXAMPLES = """\b
Examples:
  miais gallery list --gallery people
  miais gallery forget Ann --gallery people
  miais gallery export people.zip --gallery people
  miais gallery import people.zip --gallery elsewhere
"""

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, epilog=EXAMPLES)
Where = Annotated[str, typer.Option("--gallery", metavar="DIR", help="The gallery's folder.")]


@app.callback()
def _gallery() -> None:
    """List the people of a gallery, forget one, export or import all."""


@app.command("list")
def list_(gallery: Where, as_json: AsJson = False) -> None:
    """List the people with their number of containers."""
    from miais.cli.output import print_record, print_table
    from miais.gallery.open import open_gallery

    opened = open_gallery(gallery, None)
    try:
        people = opened.people()
    finally:
        opened.close()
    if not as_json:
        print_table(("person", "containers", "added"), [(p.name, p.containers, f"{p.added:%F %T}") for p in people])
        return
    for one in people:
        record = {"person": one.name, "containers": one.containers, "added": one.added.isoformat()}
        print_record(record, as_json=True)


@app.command()
def forget(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The person.")], gallery: Where, as_json: AsJson = False
) -> None:
    """Remove a person with all that the gallery's files hold of them."""
    from miais.cli.output import print_record
    from miais.gallery.open import open_gallery

    opened = open_gallery(gallery, None)
    try:
        removed = opened.forget(name)
    finally:
        opened.close()
    print_record({"person": name, "removed": removed}, as_json=as_json)


@app.command()
def info(gallery: Where, as_json: AsJson = False) -> None:
    """Say how many people a gallery has and which system made it."""
    from dataclasses import asdict

    from miais.cli.output import print_record
    from miais.gallery.open import open_gallery

    opened = open_gallery(gallery, None)
    try:
        record = {"people": len(opened), "containers": opened.containers, **asdict(opened.maker)}
    finally:
        opened.close()
    print_record(record, as_json=as_json)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new zip file.")],
    gallery: Where,
    as_json: AsJson = False,
) -> None:
    """Write all that a gallery holds to one file."""
    from miais.cli.output import print_record
    from miais.gallery.open import open_gallery
    from miais.gallery.transfer import export_gallery

    opened = open_gallery(gallery, None)
    try:
        count = export_gallery(opened, file)
    finally:
        opened.close()
    print_record({"file": str(file), "containers": count}, as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Written by export.")],
    gallery: Where,
    as_json: AsJson = False,
) -> None:
    """Add all that an exported gallery holds; the gallery is made if missing."""
    from miais.cli.output import print_record
    from miais.gallery.open import open_gallery
    from miais.gallery.transfer import import_gallery, maker_in

    opened = open_gallery(gallery, maker_in(file), create=True)
    try:
        count = import_gallery(opened, file)
    finally:
        opened.close()
    print_record({"file": str(file), "containers": count}, as_json=as_json)
