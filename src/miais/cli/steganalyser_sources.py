"""What `miais train steganalyser` learns from: a system, a folder of containers, or random bits in last bits."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import typer

from miais.card import CARD_FILE
from miais.cli.evaluate import SECRETS
from miais.cli.manifest import read_manifest
from miais.data.covers import CoverSet
from miais.data.protocol import Protocol, read_protocol
from miais.data.secrets import SecretSet
from miais.experiments.results import Report
from miais.steganalysis.learned.hidden_pairs import hidden_pairs
from miais.steganalysis.learned.pairs import (
    Embedding,
    Split,
    StegoPair,
    pairs_of_files,
    pairs_of_last_bits,
    split_pairs,
    unseen,
)
from miais.system import load
from miais.system_folder import bundled_systems, find_system
from miais.training.corpus import find_set

_TEST_SHARE = 4
"""A system hides so many times more often for the training than for the test: 4,000 and 1,000 in the paper."""
Part = Literal["train", "test"]
MANIFEST = "manifest.jsonl"


@dataclass(frozen=True)
class PairSources:
    """Where covers and people come from.

    Attributes:
        data_root: Folder of the sets.
        protocol: Of the CSV files; None: `protocol` beside the data root.
        covers: Names of the cover sets.
        pairs: Containers of each system for the training.
        folder: Gets the containers.
        seed: Of everything that is drawn.
    """

    data_root: Path | None
    protocol: Path | None
    covers: Sequence[str]
    pairs: int
    folder: Path
    seed: int

    def open(
        self, containers: Sequence[str], against: Sequence[str], split: Split, report: Report
    ) -> tuple[list[StegoPair], list[StegoPair]]:
        """Return the pairs to train on and those to test on.

        Args:
            containers: What to train on.
            against: What to test on; empty for the same.
            split: How the two are kept apart.
            report: Told what is being hidden, how far it is, and of how much.

        Raises:
            typer.BadParameter: If a source is none, or needs data that was not named.
            ValueError: If there are too few pairs.
        """
        found = [self._split(source, split, report) for source in containers]
        train = [pair for part, _ in found for pair in part]
        if not against:
            return train, [pair for _, part in found for pair in part]
        others = [pair for source in against for pair in self._to_test(source, report)]
        test = others if split == "random" else unseen(others, train)
        if not test:
            raise ValueError(
                f"all covers or secrets of {', '.join(against)} occur in the training; give others, or --split random"
            )
        return train, test

    def clean(self, name: str) -> CoverSet:
        """Return a cover set's pictures that no training here has seen."""
        if self.data_root is None:
            raise typer.BadParameter("give --data-root, where the set is", param_hint="--clean")
        names = self._protocol.covers(name, "test") if name in self.covers else None
        return CoverSet.open(find_set(self.data_root, name), names)

    @property
    def _protocol(self) -> Protocol:
        if self.data_root is None:
            raise typer.BadParameter("this source is made of covers: give --data-root", param_hint="--containers")
        return read_protocol(self.protocol or self.data_root.parent / "protocol")

    def _split(self, source: str, split: Split, report: Report) -> tuple[list[StegoPair], list[StegoPair]]:
        """Return a source's pairs for training and for the test."""
        if _has_manifest(source):
            return split_pairs(_of_manifest(source), split, self.seed)
        train, test = self._part(source, "train", report), self._part(source, "test", report)
        return (train, test) if split == "disjoint" else split_pairs([*train, *test], split, self.seed)

    def _to_test(self, source: str, report: Report) -> list[StegoPair]:
        return _of_manifest(source) if _has_manifest(source) else self._part(source, "test", report)

    def _part(self, source: str, part: Part, report: Report) -> list[StegoPair]:
        """Return the pairs of a source that follows the protocol."""
        kind, _, rate = source.partition(":")
        if kind in get_args(Embedding):
            return self._last_bits(kind, rate, part)  # type: ignore[arg-type]
        if source in bundled_systems() or (Path(source) / CARD_FILE).is_file():
            return self._hidden(source, part, report)
        raise typer.BadParameter(
            "expected a system, a folder that miais hide has made, or lsb-replacement:RATE or lsb-matching:RATE, "
            f"got {source!r}",
            param_hint="--containers",
        )

    def _last_bits(self, kind: Embedding, rate: str, part: Part) -> list[StegoPair]:
        try:
            share = float(rate or "1")
        except ValueError:
            share = -1.0
        if not 0 < share <= 1:
            what = f"expected {kind}:RATE with 0 < RATE <= 1, got {rate!r}"
            raise typer.BadParameter(what, param_hint="--containers")
        return pairs_of_last_bits(self._covers(part), kind, share, self.seed)

    def _hidden(self, name: str, part: Part, report: Report) -> list[StegoPair]:
        system, covers = load(find_system(name)), self._covers(part)
        people = self._protocol.identities(part)
        secrets = SecretSet.open(find_set(self.data_root, SECRETS), system.card.image_size, people)
        return hidden_pairs(
            system,
            secrets,
            covers,
            self.pairs if part == "train" else max(1, self.pairs // _TEST_SHARE),
            self.folder / f"{system.card.name}-{system.card.system_hash[:8]}" / part,
            seed=self.seed,
            progress=partial(report, f"{system.card.name}: hiding, {part}"),
        )

    def _covers(self, part: Part) -> CoverSet:
        protocol = self._protocol
        return CoverSet.union(
            {name: CoverSet.open(find_set(self.data_root, name), protocol.covers(name, part)) for name in self.covers}
        )


def _has_manifest(source: str) -> bool:
    return (Path(source) / MANIFEST).is_file()


def _of_manifest(source: str) -> list[StegoPair]:
    return pairs_of_files(read_manifest(Path(source) / MANIFEST))
