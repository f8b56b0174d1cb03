"""Classifiers that learn to recognise people on obfuscated pictures, all from the same start and on the same budget."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.data.batches import SecretCoverBatches
from miais.data.protocol import VerificationPairs, identity_of
from miais.data.sampling import UniformSampler
from miais.evaluation.saved import ContainerFidelity, fidelity_of, fidelity_of_pair
from miais.experiments.paper.scores import TestBench
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import World
from miais.image import from_uint8
from miais.metrics.bootstrap import bootstrap_interval, weighted_mean
from miais.metrics.verification import verification_report
from miais.network_kinds import CLASSIFIERS
from miais.networks.spec import build_network
from miais.training.checkpoint import has_checkpoint
from miais.training.loop import TrainingLoop
from miais.training.pretrain import PretrainTask
from miais.training.settings import PhaseSettings
from miais.training.starting_point import take_secret_classifier
from miais.training.task import Validation

Change = Callable[[Tensor], Tensor]
"""From bytes (3, S, S) to the like."""
_CHUNK = 64


@dataclass(frozen=True)
class Reader:
    """A classifier for pictures that something has been done to.

    Attributes:
        network: In evaluation mode.
        change: What has been done.
    """

    network: nn.Module
    change: Change


def train_reader(workshop: Workshop, world: World, change: Change, name: str, seed: int) -> Reader:
    """Train the world's secret classifier further, on changed secrets.

    Nothing is augmented: a mirrored cipher picture is not the cipher of a mirrored one.

    Args:
        workshop: Where it is trained and kept.
        world: Whose secrets.
        change: What is done to them.
        name: Of its folder.
        seed: Of everything that is drawn.

    Raises:
        KeyboardInterrupt: If Ctrl-C stopped it.
    """
    recipe = workshop.scale.recipe("paper_single", world, seed=seed)
    secrets = workshop.corpus(recipe).secrets
    fabric, settings = workshop.fabric, recipe.pretrain
    spec = recipe.networks.secret_classifier or recipe.networks.classifier
    network = fabric.to_device(build_network(spec, CLASSIFIERS, num_identities=len(secrets.identities)))
    take_secret_classifier(workshop.recognizer(world), network)
    steps = workshop.scale.reader_steps
    phase = PhaseSettings(steps=steps, batch=settings.phase.batch, validate_every=steps)
    task = PretrainTask(fabric, network, replace(settings, phase=phase), lambda trained: Validation(0.0, {}))
    changed = secrets.changed(change)
    changed.scan()
    sampler = UniformSampler(len(changed), phase.batch or recipe.data.batch, seed)
    data = SecretCoverBatches(changed, None, sampler, augmentation="none")
    folder = workshop.folder / name
    loop = TrainingLoop(fabric, task, data, phase, folder, seed=seed)
    if has_checkpoint(folder / "checkpoint"):
        loop.resume()
    if loop.run().stopped:
        raise KeyboardInterrupt
    return Reader(network.eval(), change)


@torch.inference_mode()
def score_reader(reader: Reader, bench: TestBench) -> Mapping[str, Any]:
    """Score a reader on changed secrets of the test, and what is seen of the secrets in them.

    Returns:
        `container`, the fidelity of the changed secrets to the secrets; `accuracy`, with `_low` and `_high`.
    """
    secrets = torch.stack([bench.secrets.pixels(index) for index in bench.tried])
    changed = torch.stack([reader.change(secret) for secret in secrets])
    device = next(reader.network.parameters()).device
    answers = [reader.network(from_uint8(part.to(device))) for part in changed.split(_CHUNK)]
    if bench.people is None:
        logits = torch.cat([answer.logits for answer in answers]).cpu()
        right = (logits.argmax(dim=1) == bench.secrets.labels).double()
        low, high = bootstrap_interval(lambda weights: weighted_mean(right, weights), torch.arange(len(right)))
        accuracy = float(right.mean())
    else:
        vectors = F.normalize(torch.cat([answer.embedding.float() for answer in answers])).cpu()
        accuracy, low, high = _verification(vectors, list(bench.people.covers), bench.people.pairs)
    return {
        "container": asdict(fidelity_of(_fidelities(changed, secrets))),
        "accuracy": accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
    }


def _verification(vectors: Tensor, names: list[str], pairs: VerificationPairs) -> tuple[float, float, float]:
    position = {name: index for index, name in enumerate(names)}
    first, second = (torch.tensor([position[name] for name in side]) for side in (pairs.image_a, pairs.image_b))
    numbers = {person: index for index, person in enumerate(sorted({identity_of(name) for name in names}))}
    people = torch.tensor([numbers[identity_of(name)] for name in names])
    distances = (vectors[first] - vectors[second]).norm(dim=1)
    found = verification_report(distances, pairs.same, pairs.fold, people[first], people[second])
    return found.accuracy, found.accuracy_low, found.accuracy_high


def _fidelities(changed: Tensor, secrets: Tensor) -> list[ContainerFidelity]:
    pairs = zip(from_uint8(changed).double(), from_uint8(secrets).double(), strict=True)
    return [fidelity_of_pair(image[None], reference[None]) for image, reference in pairs]
