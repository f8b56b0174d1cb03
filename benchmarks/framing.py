"""What finding and framing faces costs in verification: the protocol's pictures against the same cut out anew.

    python benchmarks/framing.py --protocol ../shared/protocol --data-root ../shared/data
        [--system lfw-single] [--folds 10] [--scene 0] [--face-detector FILE] [--fit]

A pair counts where a face is found in both pictures, and counts in both framings. Every face is hidden in the first of
its three covers, saved and read again. "drop" is the accuracy in the protocol's framing minus that of the other, in
points, paired, with a 95% interval over people.

`--scene SIDE` puts every picture, at a random size of 0.3 to 0.6 of SIDE and a random place, into a photograph of that
size first, and looks for the face there. `--fit` prints how the training pictures lie around the boxes of their faces
instead.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import torch
from machine import describe_machine
from rich.console import Console
from rich.table import Table
from torch import Tensor

from miais.cli.evaluate import COVERS, SECRETS
from miais.data.covers import CoverSet
from miais.data.protocol import VerificationPairs, identity_of, read_protocol
from miais.data.secrets import SecretSet
from miais.evaluation.face_protocol import face_protocol
from miais.evaluation.saved import Hiding, send_and_receive
from miais.framing import CascadeFinder, FaceFinder, NoFaceError, YuNetFinder, frame_face
from miais.image import from_uint8, resize
from miais.metrics.verification import paired_accuracy_drop, verification_report
from miais.system import StegoSystem, load
from miais.training.corpus import find_set

SIDE = 160
"""Of the pictures as they are in the set."""
EVERY = 15
"""Of the training pictures that are fitted to."""
Item = TypeVar("Item")
Pictures = Mapping[str, Tensor]
"""By name, each (3, h, w), range [0, 1]."""


@dataclass(frozen=True)
class Bench:
    """What hides pictures, and in which covers."""

    system: StegoSystem
    covers: CoverSet
    chosen: Mapping[str, Sequence[str]]

    def cover(self, name: str) -> Tensor:
        """Return the cover of a picture."""
        return from_uint8(self.covers.pixels(self.covers.names.index(self.chosen[name][0])))

    def plain(self, pictures: Pictures) -> Tensor:
        """Embed plain secrets, (N, D)."""
        return torch.cat([self.system.embed_secret(picture) for picture in pictures.values()])

    def hidden(self, pictures: Pictures) -> Tensor:
        """Hide, save, read again and embed, (N, D)."""
        side = self.system.card.image_size
        hidings = (
            Hiding(f"{index:05d}", resize(picture, (side, side)), self.cover(name))
            for index, (name, picture) in enumerate(pictures.items())
        )
        with TemporaryDirectory() as folder:
            sent = send_and_receive(self.system, hidings, Path(folder))
            vectors = [self.system.embed(received.container) for received in watched(sent, len(pictures), "hidden")]
        return torch.cat(vectors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--protocol", type=Path, required=True)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--system", default="lfw-single")
    parser.add_argument("--folds", type=int, default=10, help="only the first folds, 2 at least")
    parser.add_argument("--scene", type=int, default=0, help="side of a photograph around each picture; 0 for none")
    parser.add_argument("--face-detector", type=Path, help="a YuNet file; the bundled cascade without")
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()

    finder: FaceFinder = CascadeFinder() if options.face_detector is None else YuNetFinder(options.face_detector)
    protocol, faces = read_protocol(options.protocol), find_set(options.data_root, SECRETS)
    if options.fit:
        fit(SecretSet.open(faces, SIDE, protocol.identities("train")), finder)
        return
    covers = CoverSet.open(find_set(options.data_root, COVERS), protocol.covers(COVERS, "test"))
    people = SecretSet.open(faces, SIDE, protocol.identities("test"))
    used = face_protocol(protocol, "test", people.names, covers.names, copies=1)
    compare(
        Bench(load(options.system), covers, used.covers), of_folds(used.pairs, options.folds), people, finder, options
    )


def fit(people: SecretSet, finder: FaceFinder) -> None:
    """Print the medians that the cascade's constants come from."""
    numbers = range(0, len(people), EVERY)
    found = [faces[0].box for number in numbers if (faces := finder.find(from_uint8(people.pixels(number))))]
    left, top, width, height = torch.tensor(found, dtype=torch.float64).T
    medians = {
        "side": SIDE / width,
        "right": (SIDE / 2 - left - width / 2) / width,
        "down": (SIDE / 2 - top - height / 2) / width,
    }
    print(f"{len(numbers)} pictures, {1 - len(found) / len(numbers):.1%} without a face; medians in widths of the box:")
    print(", ".join(f"{name} {values.median():.3f}" for name, values in medians.items()))


def compare(
    bench: Bench, pairs: VerificationPairs, people: SecretSet, finder: FaceFinder, options: argparse.Namespace
) -> None:
    """Print accuracy in both framings, on plain secrets and on containers."""
    number = {name: index for index, name in enumerate(people.names)}
    whole = {name: from_uint8(people.pixels(number[name])) for name in sorted({*pairs.image_a, *pairs.image_b})}
    random = torch.Generator().manual_seed(0)
    anew, several, seconds = {}, 0, 0.0
    for name, picture in watched(whole.items(), len(whole), "searched"):
        photograph = in_scene(picture, bench.cover(name), options.scene, random) if options.scene else picture
        start = time.perf_counter()
        try:
            framed = frame_face(photograph, finder)
            anew[name] = framed.image
            several += framed.others > 0
        except NoFaceError:
            pass
        seconds += time.perf_counter() - start
    pairs = with_both(pairs, anew)
    kept = {name: whole[name] for name in anew}
    table = Table(title=f"{bench.system.card.name}, {len(pairs.same)} pairs of {options.folds} folds")
    for column in ("", "the protocol's framing", "framed anew", "drop [95%]"):
        table.add_column(column)
    for kind, embed in (("plain secret", bench.plain), ("container", bench.hidden)):
        table.add_row(kind, *scores(pairs, list(kept), embed(kept), embed(anew)))
    Console().print(table)
    print(
        f"{finder.name}, scene {options.scene}: {len(whole)} pictures, {1 - len(anew) / len(whole):.1%} without a "
        f"face, {several / len(anew):.1%} of the others with several; {1e3 * seconds / len(whole):.0f} ms a picture"
    )
    print(", ".join(f"{name} {value}" for name, value in describe_machine().items()))


def in_scene(picture: Tensor, photograph: Tensor, side: int, random: torch.Generator) -> Tensor:
    """Put a picture into a photograph at a random size and place."""
    size, left, top = torch.rand(3, generator=random).tolist()
    small = round((0.3 + 0.3 * size) * side)
    row, column = (round(place * (side - small)) for place in (top, left))
    scene = resize(photograph, (side, side)).clone()
    scene[:, row : row + small, column : column + small] = resize(picture, (small, small))
    return scene


def scores(pairs: VerificationPairs, names: Sequence[str], protocols: Tensor, anew: Tensor) -> tuple[str, str, str]:
    """Return both accuracies in percent and the paired drop; embeddings (N, D), a row for each name."""
    position = {name: index for index, name in enumerate(names)}
    first, second = (torch.tensor([position[name] for name in side]) for side in (pairs.image_a, pairs.image_b))
    people = sorted({identity_of(name) for name in names})
    person = torch.tensor([people.index(identity_of(name)) for name in names])
    once = (pairs.same, pairs.fold, person[first], person[second])
    before, after = ((vectors[first] - vectors[second]).norm(dim=1) for vectors in (protocols, anew))
    accuracies = [f"{100 * verification_report(each, *once).accuracy:.2f}" for each in (before, after)]
    drop = paired_accuracy_drop(before, after, *once)
    return accuracies[0], accuracies[1], f"{drop.drop:+.2f} [{drop.low:+.2f}, {drop.high:+.2f}]"


def of_folds(pairs: VerificationPairs, folds: int) -> VerificationPairs:
    """Keep the pairs of the first folds."""
    return chosen(pairs, (pairs.fold < folds).nonzero().flatten().tolist())


def with_both(pairs: VerificationPairs, pictures: Pictures) -> VerificationPairs:
    """Keep the pairs with both pictures among these."""
    both = zip(pairs.image_a, pairs.image_b, strict=True)
    return chosen(pairs, [index for index, (a, b) in enumerate(both) if a in pictures and b in pictures])


def chosen(pairs: VerificationPairs, numbers: Sequence[int]) -> VerificationPairs:
    rows = torch.tensor(numbers, dtype=torch.int64)
    first, second = (tuple(side[number] for number in numbers) for side in (pairs.image_a, pairs.image_b))
    return VerificationPairs(pairs.fold[rows], first, second, pairs.same[rows])


def watched(items: Iterable[Item], count: int, what: str) -> Iterator[Item]:
    """Say on stderr how far it is."""
    for done, item in enumerate(items, start=1):
        if done % 100 == 0:
            print(f"{what}: {done} of {count}", file=sys.stderr, flush=True)
        yield item


if __name__ == "__main__":
    main()
