"""`miais identify`: who of a gallery is hidden in a container?"""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.gallery_option import GalleryPlace, opened_gallery
from miais.cli.options import RECOGNISER, AsJson, KeyFile, Model

EXAMPLES = """\b
Examples:
  miais identify unknown.png --gallery people
  miais identify containers/*.png --gallery people --top 3 --fpir 0.001 --json
"""


def identify(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Containers.")],
    gallery: GalleryPlace,
    model: Model = RECOGNISER,
    key_file: KeyFile = None,
    top: Annotated[int, typer.Option(min=1, help="How many candidates to name, at most.")] = 5,
    fpir: Annotated[
        float, typer.Option(metavar="RATE", help="How often somebody who is not enrolled may get a name.")
    ] = 0.01,
    as_json: AsJson = False,
) -> None:
    """Name the person hidden in each container, or nobody.

    No face is restored. A name is given where the nearest person's distance is below the threshold, which gets
    stricter as the gallery grows. A file that cannot be read, or in which nothing is hidden, gets an error line, the
    others go on, and the exit code is 1.
    """
    from dataclasses import asdict

    from miais.cli.load_system import load_system
    from miais.cli.output import print_outcome, print_table
    from miais.containers import embed_containers
    from miais.identification import calibration_of, maker_of
    from miais.identification import identify as identify_probes
    from miais.image import read_image

    system = load_system(model, key_file)
    calibration = calibration_of(system)
    rows: list[tuple[object, ...]] = []
    failed = 0
    with opened_gallery(gallery, maker_of(system)) as people:
        for path in images:
            record: dict[str, object] = {"file": str(path)}
            try:
                probe = embed_containers(system, read_image(path), str(path))
                (found,) = identify_probes(people, calibration, probe, top=top, false_positive_rate=fpir)
                candidates = [asdict(candidate) for candidate in found.candidates]
                record |= {"person": found.person, "threshold": found.threshold, "candidates": candidates}
                rows += [
                    (path, found.person or "nobody", one.person, one.distance, found.threshold, one.probability)
                    for one in found.candidates
                ] or [(path, "nobody", None, None, found.threshold, None)]
            except (ValueError, OSError) as error:
                failed += 1
                record |= {"person": None, "error": str(error)}
            print_outcome(record, as_json=as_json)
    if rows and not as_json:
        print_table(("file", "answer", "candidate", "distance", "threshold", "probability"), rows)
    if failed:
        typer.echo(f"{failed} of {len(images)} files could not be identified.", err=True)
        raise typer.Exit(1)
