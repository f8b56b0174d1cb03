"""Arguments and options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[
    str, typer.Option("--model", metavar="NAME|DIR", help="A system that comes with miais, or a trained one's folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per input on its own line, nothing else.")]


def check_png_output(out: Path, *inputs: Path) -> None:
    """Refuse an output name that would lose the container, or one of the inputs.

    Args:
        out: The file to write.
        inputs: Files that must stay as they are.

    Raises:
        typer.BadParameter: If `out` does not end in `.png` or is one of the inputs.

    Example:
        >>> check_png_output(Path("container.png"), Path("cover.png"))
    """
    if out.suffix.lower() != ".png":
        raise typer.BadParameter(
            f"expected a name that ends in .png, got {out.name!r}: JPEG and other lossy formats destroy what a "
            f"container hides; write {out.with_suffix('.png').name!r} instead",
            param_hint="-o",
        )
    if out.resolve() in [path.resolve() for path in inputs]:
        raise typer.BadParameter(f"{out} is one of the inputs; choose another name", param_hint="-o")
