"""The attacks: each gives the values of one row of the table."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn

from miais.experiments.panel import write_strip
from miais.experiments.privacy.bench import Bench
from miais.experiments.privacy.containers import Report
from miais.experiments.privacy.data import Hidings
from miais.experiments.privacy.networks import EmbeddingDecoder, Inverter
from miais.experiments.privacy.phase_reader import PhaseReader
from miais.experiments.privacy.recognizer import PlainRecognizer, own_recognizer
from miais.experiments.privacy.scores import likeness, match
from miais.experiments.privacy.training import Inputs, reconstruct, train_attacker
from miais.image import from_uint8, to_uint8
from miais.networks.lattice.channel import LatticeChannel
from miais.system import StegoSystem

KNOWN_COVER_LEVELS = 16
"""Changes of so many grey levels and more look alike to who knows the cover; smaller ones become visible."""
_CHUNK = 64
Values = dict[str, Any]


def plain_recognizer(bench: Bench, recognizer: PlainRecognizer) -> Values:
    """Run a recogniser of plain faces on containers, and on the plain secrets."""
    plain = recognizer.embed(bench.data.test.secrets, bench.report)[None]
    seen = torch.stack([recognizer.embed(copy, bench.report) for copy in bench.containers.test])
    pairs = bench.data.pairs
    return _values(
        f"plain recogniser {recognizer.name}, container against container",
        copies=len(seen),
        matching=asdict(match(seen, seen, pairs)),
        plain=asdict(match(plain, plain, pairs)),
    )


def system_reads(bench: Bench, reader: StegoSystem) -> Values:
    """Let a system's classifiers read the containers: the rightful one's, or a stranger's."""
    seen = torch.stack([_embed(reader, copy, bench.report) for copy in bench.containers.test])
    who = "the system itself" if reader is bench.system else f"the other system {reader.card.name}"
    return _values(
        f"{who}, container against container", copies=len(seen), matching=asdict(match(seen, seen, bench.data.pairs))
    )


def plain_secret(bench: Bench) -> Values:
    """Match the secret itself: what a perfect reconstruction would give."""
    return _reconstruction(bench, "plain-secret", "the plain secret itself", bench.data.test.secrets)


def mean_face(bench: Bench) -> Values:
    """Draw the mean training secret for everybody: what a reconstruction without any information gives."""
    drawn = to_uint8(_mean(bench.data.train.secrets)).expand_as(bench.data.test.secrets)
    return _reconstruction(bench, "mean-face", "nothing: the mean training secret for all", drawn)


def invert(bench: Bench, name: str, count: int) -> Values:
    """Train an inverter on pairs of container and secret, and let it draw the test secrets."""
    train, test = bench.containers.train, bench.containers.test[0]
    network = _seeded(bench, lambda: Inverter(_mean(bench.data.train.secrets[:count])))
    return _attack(
        bench,
        name,
        "the container, and pairs to learn from",
        network,
        (lambda numbers: from_uint8(train[numbers]), lambda numbers: from_uint8(test[numbers])),
        count,
    )


def invert_with_cover(bench: Bench, name: str, count: int) -> Values:
    """Train the same inverter on what has changed in the cover."""
    data, containers = bench.data, bench.containers
    train, test = containers.train, containers.test[0]
    network = _seeded(bench, lambda: Inverter(_mean(bench.data.train.secrets[:count])))
    return _attack(
        bench,
        name,
        "the container and its exact cover, and pairs to learn from",
        network,
        (
            lambda numbers: _change(train[numbers], data.train, numbers),
            lambda numbers: _change(test[numbers], data.test, numbers),
        ),
        count,
    )


def decode_embeddings(bench: Bench, name: str, count: int) -> Values:
    """Read the embeddings with the system, and train a decoder from embeddings to secrets."""
    train = _embed(bench.system, bench.containers.train[:count], bench.report)
    test = _embed(bench.system, bench.containers.test[0], bench.report)
    network = _seeded(bench, lambda: EmbeddingDecoder(train.shape[1], _mean(bench.data.train.secrets[:count])))
    return _attack(
        bench,
        name,
        "the system's weights or its embeddings, and pairs to learn from",
        network,
        (lambda numbers: train[numbers], lambda numbers: test[numbers]),
        count,
    )


def read_phases(bench: Bench, channel: LatticeChannel) -> Values:
    """Read embeddings from the phases of all places, without the key, and compare them with those of plain secrets."""
    data, containers = bench.data, bench.containers
    known = own_recognizer(bench.system).embed(data.train.secrets, bench.report)
    reader = PhaseReader(channel, containers.train, known, bench.report)
    return _values(
        "how a lattice works but not the key, and pairs to learn from",
        train_pairs=reader.pairs,
        copies=1,
        matching=asdict(match(reader.embed(containers.test[0])[None], bench.plain[None], data.pairs)),
    )


def _attack(
    bench: Bench, name: str, attacker: str, network: nn.Module, inputs: tuple[Inputs, Inputs], count: int
) -> Values:
    """Train on the first `count` pairs, reconstruct the test secrets, and score; inputs of training and of test."""
    training = train_attacker(
        network,
        inputs[0],
        bench.data.train.secrets[:count],
        fabric=bench.fabric,
        budget=bench.budget,
        seed=bench.seed,
        report=bench.report,
    )
    drawn = reconstruct(network, inputs[1], len(bench.data.test), fabric=bench.fabric, report=bench.report)
    values = _reconstruction(bench, name, attacker, drawn)
    return {**values, "train_pairs": count, "training": training._asdict()}


def _reconstruction(bench: Bench, name: str, attacker: str, drawn: Tensor) -> Values:
    """Score reconstructions: picture by picture, and as image a of every pair against the plain image b."""
    secrets, pairs = bench.data.test.secrets, bench.data.pairs
    write_strip(bench.strips, name, drawn[bench.shown])
    seen = own_recognizer(bench.system).embed(drawn, bench.report)
    return _values(
        attacker,
        copies=1,
        matching=asdict(match(seen[None], bench.plain[None], pairs)),
        likeness=asdict(likeness(drawn, secrets)),
    )


def _values(attacker: str, **found: Any) -> Values:
    """Give every row the same keys."""
    nothing = dict.fromkeys(("train_pairs", "copies", "matching", "likeness", "plain", "training"))
    return {"attacker": attacker, **nothing, **found}


def _mean(secrets: Tensor) -> Tensor:
    """Return the mean of pictures, range [0, 1], shape (3, S, S)."""
    total = torch.stack([part.sum(dim=0) for part in secrets.split(_CHUNK)]).sum(dim=0)  # of uint8, in int64
    return total.float() / (255 * len(secrets))


def _change(containers: Tensor, hidings: Hidings, numbers: Tensor) -> Tensor:
    """Return container minus first cover as a picture in [0, 1], grey where nothing has changed."""
    change = containers.float() - hidings.covers[hidings.chosen[numbers, 0]].float()
    return (0.5 + change / (2 * KNOWN_COVER_LEVELS)).clamp(0, 1)


def _embed(system: StegoSystem, containers: Tensor, report: Report) -> Tensor:
    vectors = []
    for start in range(0, len(containers), _CHUNK):
        vectors.append(system.embed(from_uint8(containers[start : start + _CHUNK])))
        report("reading containers", start + len(vectors[-1]), len(containers))
    return torch.cat(vectors)


def _seeded(bench: Bench, build: Callable[[], nn.Module]) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(bench.seed)
        return build()
