"""`miais keys`: who may use a service that others can reach."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """\b
Examples:
  miais keys add registrar --role hide --role admin
  miais keys add door --role recognise
  miais keys list
  miais keys remove door
"""

keys_app = typer.Typer(no_args_is_help=True, epilog=EXAMPLES, rich_markup_mode=None)

KeysPath = Annotated[Path, typer.Option("--keys", metavar="FILE", help="The file of access keys.")]
_FILE = Path("miais-keys.json")


@keys_app.callback()
def _keys() -> None:
    """Make, list and remove access keys for `miais serve`: the file keeps their hashes, never the keys."""


@keys_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Whose key it is; the audit log names callers so.")],
    role: Annotated[list[str], typer.Option("--role", help="hide, recognise, restore, metrics or admin; repeatable.")],
    keys: KeysPath = _FILE,
) -> None:
    """Make a key and print it, once: keep it safe, it cannot be shown again."""
    from miais.service.access_keys import add_key

    typer.echo(add_key(keys, name, role))


@keys_app.command("list")
def show(keys: KeysPath = _FILE) -> None:
    """List names, roles and dates of the keys."""
    from miais.cli.output import print_table
    from miais.service.access_keys import read_keys

    print_table(("name", "roles", "added"), [(key.name, " ".join(key.roles), key.added) for key in read_keys(keys)])


@keys_app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="As `miais keys list` shows it.")], keys: KeysPath = _FILE) -> None:
    """Let a key open nothing any more; a running service notices at the next request."""
    from miais.service.access_keys import remove_key

    remove_key(keys, name)
    typer.echo(f"Removed {name}.", err=True)
