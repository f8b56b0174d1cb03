"""`miais verify`: do two containers hide the same person?"""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.options import RECOGNISER, AsJson, KeyFile, Model

EXAMPLES = """\b
Examples:
  miais verify monday.png tuesday.png
  miais verify monday.png tuesday.png --far 1e-3 --json
"""


def verify(
    a: Annotated[Path, typer.Argument(metavar="A", help="A container.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another container made by the same system.")],
    model: Model = RECOGNISER,
    key_file: KeyFile = None,
    far: Annotated[
        float, typer.Option(metavar="RATE", help="False-accept rate: how often strangers may pass as the same person.")
    ] = 1e-2,
    as_json: AsJson = False,
) -> None:
    """Say whether two containers hide the same person.

    No face is restored. The answer is "same" where the distance is below the system's threshold for the false-accept
    rate. The exit code is 0 whichever the answer.
    """
    from miais.cli.load_system import load_system
    from miais.cli.output import print_record
    from miais.containers import embed_containers
    from miais.image import read_image

    system = load_system(model, key_file)
    threshold = system.card.threshold_at(far).threshold
    first, second = (embed_containers(system, read_image(path), str(path))[0] for path in (a, b))
    distance = (first - second).norm().item()
    # A threshold is NaN where the system was calibrated on too few pairs for this rate: no answer is better than "no".
    same = distance < threshold if threshold == threshold else None
    print_record({"distance": distance, "threshold": threshold, "far": far, "same": same}, as_json=as_json)
