"""A whole run: data, secret classifier, Algorithm 1, and the system that comes out of it."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.fabric import Fabric
from torch import nn

from miais.card import SystemCard
from miais.data.batches import Batch, SecretCoverBatches
from miais.data.sampling import Sampler, TripletSampler, UniformSampler
from miais.network_kinds import CLASSIFIERS, GENERATORS, RESTORERS
from miais.networks.beginnings import BeginsAsRecognizer
from miais.networks.spec import NetworkSpec, build_network
from miais.peers.networks import PeerGenerator, PeerRestorer
from miais.recognizer import RECOGNIZER_FILE
from miais.system import StegoSystem
from miais.training.checkpoint import has_checkpoint, load_checkpoint
from miais.training.corpus import Corpus
from miais.training.hiding import HidingTask
from miais.training.loop import LoopResult, TrainingLoop
from miais.training.minimax_networks import MinimaxNetworks
from miais.training.peer import PeerTask
from miais.training.pretrain import PretrainTask
from miais.training.provenance import commit, machine
from miais.training.public_key import with_public_key
from miais.training.run_folder import PHASES, check_folder, write_settings
from miais.training.settings import PhaseSettings, Recipe
from miais.training.starting_point import take_all_networks, take_own_recognizer, take_secret_classifier
from miais.training.task import TrainingTask

StartWith = Literal["secret_classifier", "pretraining", "all"]


@dataclass(frozen=True)
class RunOutcome:
    """What a run left behind.

    Attributes:
        phases: How each phase ended, by name.
        system_folder: The finished system; None if the run stopped before its end.
    """

    phases: dict[str, LoopResult]
    system_folder: Path | None


class Run:
    """Trains a recipe in a folder: `pretrain/`, `minimax/`, and `system/` at the end.

    Args:
        fabric: Launched; device, precision and processes.
        recipe: All settings; networks on a lattice get the key of its name and seed, if it states none.
        corpus: The recipe's secrets and covers.
        folder: Of the run.
        start_from: Folder of another run, of a system or of a user's own recogniser; its secret classifier is taken
            instead of training one.
        start_with: What is taken of `start_from`: its secret classifier as it is, the same to train it further first,
            or every network of the system, to train it further.
    """

    def __init__(
        self,
        fabric: Fabric,
        recipe: Recipe,
        corpus: Corpus,
        folder: Path,
        *,
        start_from: Path | None = None,
        start_with: StartWith = "secret_classifier",
    ) -> None:
        if fabric.strategy.precision.precision == "16-mixed":
            # It scales the loss, and our optimisers would have to scale the gradients back.
            raise ValueError("expected another precision than 16-mixed; use bf16-mixed or 32-true")
        self.fabric, self.recipe, self.corpus, self.folder = fabric, with_public_key(recipe), corpus, folder
        if start_with != "secret_classifier" and start_from is None:
            raise ValueError(f"expected a run or system to start from, which start_with {start_with!r} needs, got none")
        self.start_from, self.start_with = start_from, start_with

    def train(self, *, resume: bool = False, minutes: float | None = None) -> RunOutcome:
        """Train what is not trained yet.

        Args:
            resume: Take up the checkpoints in the folder; otherwise the folder must not have any.
            minutes: Wall time for training in this call; None for no limit.

        Raises:
            FileExistsError, FileNotFoundError, ValueError: As `check_folder`.
        """
        self._claim_folder(resume)
        phases: dict[str, LoopResult] = {}
        secret_classifier = self._secret_classifier()
        started = time.monotonic()
        origin: dict[str, Any] = {}
        if self._pretrains:
            if self.start_from is not None:
                origin["pretraining_from"] = self._take_secret_classifier(self.start_from, secret_classifier)
            phases["pretrain"] = self._pretrain(secret_classifier, resume, minutes)
            if phases["pretrain"].stopped:
                return RunOutcome(phases, None)
        source = self.folder if self._pretrains or self.start_from is None else self.start_from
        origin["secret_classifier"] = self._take_secret_classifier(source, secret_classifier)
        left = None if minutes is None else max(0.0, minutes - (time.monotonic() - started) / 60)
        networks = self._networks(secret_classifier)
        if self.start_from is not None and self.start_with == "all":
            origin["all_networks"] = take_all_networks(self.start_from, networks)
        phases["minimax"] = self._minimax(networks, resume, left)
        if not phases["minimax"].finished:
            return RunOutcome(phases, None)
        networks.load_state_dict(load_checkpoint(self.folder / "minimax" / "best")[1])
        system = StegoSystem(
            self._card(phases, origin),
            networks.generator,
            (networks.classifiers[0], networks.classifiers[1]),
            networks.secret_classifier,
            networks.restorer,
        )
        if self.fabric.is_global_zero:
            system.save(self.folder / "system")
        return RunOutcome(phases, self.folder / "system")

    def _claim_folder(self, resume: bool) -> None:
        settings = {"recipe": asdict(self.recipe), "data": self.corpus.description}
        check_folder(self.folder, PHASES[not self._pretrains], settings, resume=resume)
        self.fabric.barrier()  # no process writes before all have looked
        if self.fabric.is_global_zero and not resume:
            write_settings(self.folder, settings)

    def _secret_classifier(self) -> nn.Module:
        torch.manual_seed(self.recipe.seed)
        people = len(self.corpus.secrets.identities)
        return _placed(build_network(self._secret_spec, CLASSIFIERS, num_identities=people), self.fabric)

    @property
    def _pretrains(self) -> bool:
        return self.start_from is None or self.start_with == "pretraining"

    def _take_secret_classifier(self, source: Path, classifier: nn.Module) -> dict[str, Any]:
        if (source / RECOGNIZER_FILE).is_file():
            return take_own_recognizer(source, classifier, self.corpus.secrets)
        return take_secret_classifier(source, classifier)

    @property
    def _secret_spec(self) -> NetworkSpec:
        return self.recipe.networks.secret_classifier or self.recipe.networks.classifier

    def _networks(self, secret_classifier: nn.Module) -> MinimaxNetworks:
        """Make h, r, f1, f2; both classifiers start as the secret classifier, and so does an encoder of h."""
        torch.manual_seed(self.recipe.seed + 1)
        settings = self.recipe.networks
        people = len(self.corpus.secrets.identities)
        classifiers = [build_network(settings.classifier, CLASSIFIERS, num_identities=people) for _ in range(2)]
        generator = build_network(settings.generator, GENERATORS)
        for network in (generator, *classifiers):
            if isinstance(network, BeginsAsRecognizer):
                network.start_as(secret_classifier)
            elif network is not generator:
                network.load_state_dict(secret_classifier.state_dict())
        restorer = None if settings.restorer is None else build_network(settings.restorer, RESTORERS)
        if isinstance(restorer, PeerRestorer) and isinstance(generator, PeerGenerator):
            restorer.share(generator)
        return MinimaxNetworks(
            _placed(generator, self.fabric),
            (_placed(classifiers[0], self.fabric), _placed(classifiers[1], self.fabric)),
            secret_classifier,
            None if restorer is None else _placed(restorer, self.fabric),
        )

    def _pretrain(self, classifier: nn.Module, resume: bool, minutes: float | None) -> LoopResult:
        settings = self.recipe.pretrain
        task = PretrainTask(self.fabric, classifier, settings, self.corpus.validator.recognizer)
        data = self._batches(settings.triplets, settings.phase, hides=False)
        return self._loop("pretrain", task, data, settings.phase, resume, minutes)

    def _minimax(self, networks: MinimaxNetworks, resume: bool, minutes: float | None) -> LoopResult:
        kind = HidingTask if self.recipe.peer is None else PeerTask
        task = kind(self.fabric, networks, self.recipe, self.corpus.validator.hiding)
        data = self._batches(self.recipe.data.triplets, self.recipe.phase, hides=True)
        return self._loop("minimax", task, data, self.recipe.phase, resume, minutes)

    def _batches(self, triplets: bool, phase: PhaseSettings, *, hides: bool) -> SecretCoverBatches:
        settings, corpus = self.recipe.data, self.corpus
        batch, seed = phase.batch or settings.batch, self.recipe.seed
        labels = corpus.secrets.labels
        sampler: Sampler = TripletSampler(labels, batch, seed) if triplets else UniformSampler(len(labels), batch, seed)
        return SecretCoverBatches(
            corpus.secrets,
            corpus.covers if hides else None,
            sampler,
            settings.cover_size,
            settings.cover_crops,
            settings.augment,
            self.fabric.global_rank,
            self.fabric.world_size,
        )

    def _loop(
        self,
        name: str,
        task: TrainingTask[Batch],
        data: SecretCoverBatches,
        phase: PhaseSettings,
        resume: bool,
        minutes: float | None,
    ) -> LoopResult:
        folder = self.folder / name
        loop = TrainingLoop(
            self.fabric, task, data, phase, folder, seed=self.recipe.seed, workers=self.recipe.data.workers
        )
        if resume and has_checkpoint(folder / "checkpoint"):
            loop.resume()
        return loop.run(minutes=minutes)

    def _card(self, phases: dict[str, LoopResult], origin: dict[str, Any]) -> SystemCard:
        recipe = self.recipe
        specs = {"generator": recipe.networks.generator, "classifier": recipe.networks.classifier}
        specs["secret_classifier"] = self._secret_spec
        if recipe.networks.restorer is not None:
            specs["restorer"] = recipe.networks.restorer
        return SystemCard(
            name=recipe.name,
            task="single" if recipe.networks.restorer is None else "multi",
            image_size=recipe.networks.image_size,
            num_identities=len(self.corpus.secrets.identities),
            psnr_db=recipe.transit.psnr_db,
            networks=specs,
            training={
                "recipe": asdict(recipe),
                "data": self.corpus.description,
                **origin,
                "phases": {name: asdict(result) for name, result in phases.items()},
                "commit": commit(),
                "machine": machine(self.fabric),
            },
        )


def _placed(network: nn.Module, fabric: Fabric) -> nn.Module:
    return fabric.to_device(network).to(memory_format=torch.channels_last)
