"""Arguments and options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

RECOGNISER, RESTORER = "lfw-single", "lfw-multi"
"""Bundled systems: the one that recognises, and the one that restores too."""

Model = Annotated[
    str, typer.Option("--model", metavar="NAME|DIR", help="A system that comes with miais, or a trained one's folder.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="Your own key, 32 bytes or 64 hexadecimal digits: without it nobody reads the containers.",
    ),
]
CropFace = Annotated[
    bool,
    typer.Option("--crop-face", help="Find the largest face in the photograph and take only that, as systems want it."),
]
FaceDetector = Annotated[
    str | None,
    typer.Option(
        "--face-detector",
        metavar="FILE|URL#sha256=HASH",
        help="--crop-face: find it with this YuNet file for OpenCV; a URL is fetched once.",
        show_default="what scikit-image bundles",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per input on its own line, nothing else.")]


def check_png_output(out: Path, *inputs: Path, harm: str = "destroy what a container hides") -> None:
    """Refuse an output name that would lose the picture, or one of the inputs.

    Args:
        out: The file to write.
        inputs: Files that must stay as they are.
        harm: What a lossy format would do to the picture.

    Raises:
        typer.BadParameter: If `out` is a folder, does not end in `.png`, is an input, or its folder is missing.

    Example:
        >>> check_png_output(Path("container.png"), Path("cover.png"))
    """
    if out.is_dir() or out.name == "..":  # "" and "." are folders too; none of these takes a suffix
        raise typer.BadParameter(
            f"expected a file name that ends in .png, got the folder {str(out)!r}; add a name", param_hint="-o"
        )
    if out.suffix.lower() != ".png":
        raise typer.BadParameter(
            f"expected a name that ends in .png, got {out.name!r}: JPEG and other lossy formats {harm}; write "
            f"{out.with_suffix('.png').name!r} instead",
            param_hint="-o",
        )
    if not out.parent.is_dir():
        raise typer.BadParameter(
            f"expected a name in a folder that is there, got {out}; make {out.parent}", param_hint="-o"
        )
    if out.resolve() in [path.resolve() for path in inputs]:
        raise typer.BadParameter(f"{out} is one of the inputs; choose another name", param_hint="-o")
