"""Detectors' scores of what a system hides, from saved files."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from miais.evaluation.saved import Hiding, send_and_receive
from miais.steganalysis.tally import DetectionTally, Score
from miais.system import StegoSystem


def tally_hidings(
    system: StegoSystem,
    hidings: Sequence[Hiding],
    detectors: Mapping[str, Score],
    progress: Callable[[int, int], None],
) -> dict[str, DetectionTally]:
    """Hide, save, read again, and let detectors score containers and covers.

    Args:
        system: That hides.
        hidings: What to hide where.
        detectors: By name.
        progress: Called after each container.

    Returns:
        Their scores, by the detectors' names.
    """
    tallies = {name: DetectionTally(score) for name, score in detectors.items()}
    with tempfile.TemporaryDirectory(prefix="miais-") as place:
        sent = zip(hidings, send_and_receive(system, hidings, Path(place)), strict=True)
        for done, (hiding, received) in enumerate(sent, start=1):
            for tally in tallies.values():
                tally.add(received.container, hiding.cover)
            progress(done, len(hidings))
    return tallies
