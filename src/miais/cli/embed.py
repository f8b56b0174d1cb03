"""`miais embed`: who is hidden, as a vector."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.options import RECOGNISER, AsJson, KeyFile, Model

EXAMPLES = """\b
Examples:
  miais embed container.png --json
  miais embed containers/*.png --json > embeddings.jsonl
"""


def embed(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Containers.")],
    model: Model = RECOGNISER,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Describe the person hidden in each container as a vector.

    The face is not restored. Vectors have length 1, and those of the same person are close by Euclidean distance
    (`miais verify` knows how close). Compare only vectors that the same system made. A file that cannot be read, or in
    which nothing is hidden, gets an error line, the others go on, and the exit code is 1.
    """
    from miais.cli.load_system import load_system
    from miais.cli.output import print_outcome, print_table
    from miais.containers import embed_containers
    from miais.image import read_image

    system = load_system(model, key_file)
    rows, failed = [], 0
    for path in images:
        record: dict[str, object] = {"file": str(path)}
        try:
            vector = embed_containers(system, read_image(path), str(path))[0].tolist()
            record["embedding"] = vector
            first = ", ".join(f"{value:+.3f}" for value in vector[:4])
            rows.append((path, len(vector), f"{first}, ..."))
        except (ValueError, OSError) as error:
            failed += 1
            record |= {"embedding": None, "error": str(error)}
        print_outcome(record, as_json=as_json)
    if rows and not as_json:
        print_table(("file", "numbers", "embedding (--json prints all of it)"), rows)
    if failed:
        typer.echo(f"{failed} of {len(images)} files could not be read.", err=True)
        raise typer.Exit(1)
