"""`miais restore`: the hidden secret, from the container alone."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.options import RESTORER, AsJson, KeyFile, Model, check_png_output

EXAMPLES = """\b
Examples:
  miais hide face.jpg holiday.jpg -o container.png --model lfw-multi
  miais restore container.png -o restored.png
"""


def restore(
    container: Annotated[Path, typer.Argument(metavar="CONTAINER", help="A picture made by `miais hide`.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT.png", help="Where the secret goes.")],
    model: Model = RESTORER,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Restore the secret from a container.

    This takes the multitask system that made the container. A single-task system (such as lfw-single) recognises
    only: from its containers nothing can be restored.
    """
    check_png_output(out, container, harm="change what was restored")
    from miais.cli.load_system import load_system
    from miais.cli.output import print_record
    from miais.containers import restore_container
    from miais.image import read_image, write_png

    restored = restore_container(load_system(model, key_file), read_image(container), str(container))
    write_png(out, restored)
    height, width = restored.shape[-2:]
    record = {"container": str(container), "restored": str(out), "size": [width, height], "model": model}
    print_record(record, as_json=as_json)
