"""The command `miais`: its verbs, one per file, and how each of them ends.

Nothing here imports torch: help, the version and wrong usage are answered at once. A verb imports what it needs.
"""

import io
import sys
import warnings
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from miais.cli import (
    compare,
    demo,
    embed,
    enroll,
    evaluate,
    experiment,
    gallery,
    hide,
    identify,
    obfuscate,
    restore,
    serve,
    steganalyze,
    train,
    verify,
)
from miais.cli.keys import keys_app

# What can go wrong outside the program: files, settings, missing packages. All else is a bug and shows a traceback.
_EXPECTED = (ValueError, OSError, ModuleNotFoundError)


class _Verbs(TyperGroup):
    """Ends with exit code 1 and one message for what can be expected to go wrong, with 130 for Ctrl-C."""

    def invoke(self, ctx: Any) -> Any:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            try:
                return super().invoke(ctx)
            except BrokenPipeError:  # Whoever read our output has left; the caller ends quietly.
                raise
            except _EXPECTED as error:
                typer.echo(f"Error: {error}", err=True)
                raise typer.Exit(1) from error
            except KeyboardInterrupt as error:
                typer.echo("Interrupted.", err=True)
                raise typer.Exit(130) from error


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    # A user can act on a note about a picture, not on the line of code that gave it.
    own = issubclass(category, UserWarning)
    text = f"Warning: {message}" if own else warnings.formatwarning(message, category, filename, lineno, line)
    typer.echo(text.rstrip(), err=True)


app = typer.Typer(
    name="miais",
    cls=_Verbs,
    no_args_is_help=True,
    add_completion=False,
    # Plain help keeps the examples as they are typed, also on a narrow terminal.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `miais demo`; `miais VERB --help` has examples.",
)
app.command("demo", epilog=demo.EXAMPLES)(demo.demo)
app.command("hide", epilog=hide.EXAMPLES)(hide.hide)
app.command("restore", epilog=restore.EXAMPLES)(restore.restore)
app.command("embed", epilog=embed.EXAMPLES)(embed.embed)
app.command("verify", epilog=verify.EXAMPLES)(verify.verify)
app.command("enroll", epilog=enroll.EXAMPLES)(enroll.enroll)
app.command("identify", epilog=identify.EXAMPLES)(identify.identify)
app.add_typer(gallery.app, name="gallery")
app.command("compare", epilog=compare.EXAMPLES)(compare.compare)
app.command("steganalyze", epilog=steganalyze.EXAMPLES)(steganalyze.steganalyze)
app.command("obfuscate", epilog=obfuscate.EXAMPLES)(obfuscate.obfuscate)
app.command("train", epilog=train.EXAMPLES)(train.train)
app.command("evaluate", epilog=evaluate.EXAMPLES)(evaluate.evaluate)
app.command("experiment", epilog=experiment.EXAMPLES)(experiment.experiment)
app.command("serve", epilog=serve.EXAMPLES)(serve.serve)
app.add_typer(keys_app, name="keys")


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        installed = version("miais")
    except PackageNotFoundError:
        installed = "(run from source, not installed)"
    typer.echo(f"miais {installed}")
    raise typer.Exit


@app.callback()
def _miais(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Hide a face in an ordinary picture and recognise the person on that picture, without restoring the face."""


def main() -> None:
    """Run the command line; the entry point of the package."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # A file name may hold what the terminal cannot show.
            stream.reconfigure(errors="backslashreplace")
    app()
