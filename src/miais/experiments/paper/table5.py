"""Table V: visual hiding, each method read by a classifier that has learnt to, beside containers."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from miais.evaluation.saved import fidelity_of, fidelity_of_pair
from miais.experiments.paper.columns import ACCURACY, FIDELITY, METHOD, PSNR, SEEDS
from miais.experiments.paper.readers import score_reader, train_reader
from miais.experiments.paper.scores import TestBench, score
from miais.experiments.paper.table import PaperTable, SeededRow
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, World
from miais.image import from_uint8
from miais.obfuscation import (
    P3,
    BlockShuffle,
    CombinedCatMap,
    EncryptionThenCompression,
    ExtendedLearnableEncryption,
    GaussianBlur,
    HogEncryption,
    LearnableEncryption,
    Mosaic,
    Obfuscation,
    PixelBasedEncryption,
    XorEncryption,
)

_KEY = hashlib.sha256(b"miais: Table V").digest()
METHODS: Mapping[str, tuple[str, Callable[[], Obfuscation]]] = {
    "ccm": ("CCM", partial(CombinedCatMap, _KEY)),
    "le": ("LE", partial(LearnableEncryption, _KEY)),
    "pbie": ("PBIE", partial(PixelBasedEncryption, _KEY)),
    "etc": ("EtC", partial(EncryptionThenCompression, _KEY)),
    "ele": ("ELE", partial(ExtendedLearnableEncryption, _KEY)),
    "em-hog": ("EM-HOG", partial(HogEncryption, _KEY)),
    "dio": ("DIO: P3", P3),
    "dio-mosaic": ("DIO: mosaic", Mosaic),
    "dio-blur": ("DIO: blur", GaussianBlur),
    "ppfr": ("PPFR", partial(XorEncryption, _KEY)),
    "bws": ("BWS", partial(BlockShuffle, _KEY)),
}
"""Titles and methods; one key for all pictures, for nothing could be learnt from many."""
OURS = "paper_single"


def table5(workshop: Workshop, folder: Path) -> PaperTable:
    """Return Table V."""
    (world,) = workshop.scale.worlds(FACES)
    settings = workshop.settings(world, OURS)
    rows = [SeededRow("plain", {"method": "plain secret"}, settings, partial(_plain, workshop, world))]
    rows += [
        SeededRow(name, {"method": title}, {"method": name, **settings}, partial(_method, workshop, world, name))
        for name, (title, _) in METHODS.items()
    ]
    rows.append(
        SeededRow(
            "miais", {"method": "MIAIS container"}, {"method": "miais", **settings}, partial(_ours, workshop, world)
        )
    )
    notes = (
        "MSE, PSNR and MS-SSIM are between the secret and the picture that the classifier sees: the less alike, the "
        "better it is hidden.",
        "All classifiers start as the one of plain secrets and learn as long on what a method makes of the training "
        "secrets; people of the test are in none. MIAIS: the steg-classifiers on containers, 8-bit PNG read again.",
        "Means over the seeds; in brackets 95% intervals over people or secrets.",
    )
    return PaperTable(
        "Table V: visual hiding", rows, (METHOD, SEEDS, *FIDELITY, ACCURACY), notes, (METHOD, PSNR, ACCURACY)
    )


def _bench(workshop: Workshop, world: World, seed: int) -> TestBench:
    size = workshop.scale.recipe(OURS, world, seed=seed).networks.image_size
    return workshop.bench(world, size)


def _plain(workshop: Workshop, world: World, seed: int) -> Mapping[str, Any]:
    reader = train_reader(workshop, world, _nothing, f"{world.name}-reader-plain-{seed}", seed)
    return score_reader(reader, _bench(workshop, world, seed))


def _nothing(secret: Any) -> Any:
    return secret


def _method(workshop: Workshop, world: World, name: str, seed: int) -> Mapping[str, Any]:
    method = METHODS[name][1]()
    workshop.report(f"{name}: a classifier learns to read it", 0, 1)
    reader = train_reader(workshop, world, method, f"{world.name}-reader-{name}-{seed}", seed)
    return score_reader(reader, _bench(workshop, world, seed))


def _ours(workshop: Workshop, world: World, seed: int) -> Mapping[str, Any]:
    system, bench = workshop.system_of(OURS, world, seed), _bench(workshop, world, seed)
    secrets, alike = iter(bench.tried), []

    def compare(container: Tensor, cover: Tensor) -> None:
        secret = from_uint8(bench.secrets.pixels(next(secrets)))
        alike.append(fidelity_of_pair(container[None].double(), secret[None].double()))

    found = score(system, bench, partial(workshop.report, "containers"), watch=compare)
    kept = {key: found[key] for key in ("accuracy", "accuracy_low", "accuracy_high")}
    return {"container": asdict(fidelity_of(alike)), **kept}
