"""What the paper's tables say of a system, from saved 8-bit files: fidelity, detection rate, accuracy."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

from miais.data.covers import CoverSet, scikit_image_photographs
from miais.data.protocol import assigned_covers, read_protocol
from miais.data.secrets import SecretSet, digits
from miais.evaluation.classes import evaluate_classes
from miais.evaluation.face_protocol import FaceProtocol, face_protocol
from miais.evaluation.faces import evaluate_faces
from miais.evaluation.saved import Hiding, Watch
from miais.experiments.paper.worlds import Places, Scale, World
from miais.image import from_uint8
from miais.steganalysis.tally import DetectionTally, stegexpose_score
from miais.system import StegoSystem
from miais.training.corpus import DIGITS, PHOTOGRAPHS, cover_names, find_set


@dataclass(frozen=True)
class TestBench:
    """Secrets and covers that no training has seen.

    Attributes:
        secrets: At the system's size.
        covers: Of that size too, resized whole, as in the paper.
        people: The protocol, each secret in one cover; None for known labels.
    """

    __test__ = False  # for pytest, which takes it for a test
    secrets: SecretSet
    covers: CoverSet
    people: FaceProtocol | None

    @property
    def tried(self) -> list[int]:
        """Numbers of the secrets that are hidden, in this order: of people those of the protocol, else all."""
        if self.people is None:
            return list(range(len(self.secrets)))
        number = {name: index for index, name in enumerate(self.secrets.names)}
        return [number[name] for name in self.people.covers]


def open_bench(world: World, scale: Scale, places: Places, covers: str, size: int) -> TestBench:
    """Open what a world is tested on.

    Args:
        world: What is hidden.
        scale: Says how much of it.
        places: Of the data.
        covers: Name of the cover set.
        size: S, pixels.

    Raises:
        FileNotFoundError: If a set or the protocol is missing.
    """
    if world.secrets == DIGITS:
        secrets = digits(size, "test")
        return TestBench(_at_most(secrets, scale), scikit_image_photographs("test").resized(size), None)
    if places.data_root is None:
        raise FileNotFoundError(f"the experiment needs {world.secrets!r}: give --data-root")
    protocol = read_protocol(places.protocol or places.data_root.parent / "protocol")
    if covers == PHOTOGRAPHS:
        pictures = scikit_image_photographs("test")
    else:
        found = find_set(places.data_root, covers)
        pictures = CoverSet.open(found, cover_names(protocol, covers, "test", found))
    path = find_set(places.data_root, world.secrets)
    if world.people:
        people = SecretSet.open(path, size, protocol.identities("test"))
        return TestBench(
            people, pictures.resized(size), face_protocol(protocol, "test", people.names, pictures.names, copies=1)
        )
    known = SecretSet.open(path, size, split="val")
    return TestBench(_at_most(known, scale), pictures.resized(size), None)


def _at_most(secrets: SecretSet, scale: Scale) -> SecretSet:
    return secrets if scale.secrets is None else secrets.thinned(-(-len(secrets) // scale.secrets))


def score(
    system: StegoSystem, bench: TestBench, progress: Callable[[int, int], None], *, watch: Watch | None = None
) -> dict[str, Any]:
    """Score a system.

    Args:
        system: Of the bench's size.
        bench: Secrets and covers that it has not seen.
        progress: Called after each container.
        watch: Called with each container as saved and its cover, in the order of `bench.tried`.

    Returns:
        JSON values: `container` and `restored` (None if it cannot restore) with the fields of `Fidelity`; `dr`, the
        area under StegExpose's ROC curve; `accuracy` of verification, or of known labels, on containers; `plain` of the
        secret classifier on the same; `drop` between them, points; each with `_low` and `_high`, but for `plain`.
    """
    tally = DetectionTally(stegexpose_score)

    def look(container: Tensor, cover: Tensor) -> None:
        tally.add(container, cover)
        if watch is not None:
            watch(container, cover)

    if bench.people is not None:
        (faces,) = evaluate_faces(system, bench.secrets, bench.covers, bench.people, watch=look, progress=progress)
        found = faces.hidden.verification
        accuracy = _interval("accuracy", found.accuracy, found.accuracy_low, found.accuracy_high)
        fidelity, restored, drop, plain = faces.container, faces.restored, faces.drop, faces.plain.verification.accuracy
    else:
        crops = one_cover_each(bench)
        (classes,) = evaluate_classes(system, bench.secrets, crops, watch=look, progress=progress)
        accuracy = _interval("accuracy", classes.accuracy, classes.accuracy_low, classes.accuracy_high)
        fidelity, restored, drop, plain = classes.container, classes.restored, classes.drop, classes.plain_accuracy
    detection = tally.detection()
    return {
        "container": asdict(fidelity),
        "restored": None if restored is None else asdict(restored),
        **_interval("dr", detection.auc, detection.auc_low, detection.auc_high),
        **accuracy,
        "plain": plain,
        **_interval("drop", drop.drop, drop.low, drop.high),
    }


def hidings_of(bench: TestBench, most: int) -> list[Hiding]:
    """Return the first secrets of a bench, so many at most, each in the cover of `one_cover_each`."""
    return [
        Hiding(f"{index:05d}", from_uint8(bench.secrets.pixels(index)), from_uint8(cover))
        for index, (cover,) in enumerate(one_cover_each(bench)[:most])
    ]


def one_cover_each(bench: TestBench) -> list[list[Tensor]]:
    """Return for each secret the first of the covers that the protocol's rule gives it, as a list of one."""
    number = {name: index for index, name in enumerate(bench.covers.names)}
    assigned = assigned_covers(bench.secrets.names, bench.covers.names)
    return [[bench.covers.pixels(number[assigned[name][0]])] for name in bench.secrets.names]


def _interval(name: str, value: float, low: float, high: float) -> dict[str, float]:
    return {name: value, f"{name}_low": low, f"{name}_high": high}
