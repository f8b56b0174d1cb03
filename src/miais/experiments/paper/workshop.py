"""Trains what the paper's experiments need, once: what is there already is taken from the folder."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from lightning.fabric import Fabric

from miais.card import CARD_FILE, read_card
from miais.data.secrets import digits
from miais.experiments.paper.scores import TestBench, open_bench
from miais.experiments.paper.sharing import claimed
from miais.experiments.paper.worlds import FACES, Places, Scale, World
from miais.system import StegoSystem, load
from miais.system_folder import find_system
from miais.training.checkpoint import has_checkpoint
from miais.training.corpus import Corpus, open_corpus
from miais.training.minimax_networks import MinimaxNetworks
from miais.training.public_key import with_public_key
from miais.training.run import Run, StartWith
from miais.training.run_folder import PHASES, SETTINGS_FILE, changed_settings
from miais.training.settings import DataSettings, PhaseSettings, Recipe
from miais.training.task import Validation

_TINY_DIGITS = 30


class Watch(Protocol):
    """What can look at a training, in the place of a validator."""

    def hiding(self, networks: MinimaxNetworks, psnr_db: float | None) -> Validation:
        """Look, and give a score: the weights of the highest are kept."""


@dataclass
class Workshop:
    """Where systems are trained and kept.

    Attributes:
        fabric: Device and precision.
        scale: Of the experiments.
        places: Of the data.
        folder: Gets a run for each system, and for each secret classifier.
        report: Told what is being done, how far it is, and of how much.
    """

    fabric: Fabric
    scale: Scale
    places: Places
    folder: Path
    report: Callable[[str, float, float], None]
    _corpora: dict[tuple[DataSettings, int], Corpus] = field(default_factory=dict)
    _benches: dict[tuple[World, int, str], TestBench] = field(default_factory=dict)

    def recognizer(self, world: World) -> Path:
        """Return the folder that all systems of a world take their secret classifier from.

        At the small scale faces take that of the bundled systems, which has seen no test people either.

        Raises:
            As `system`.
        """
        if self._takes_bundled(world):
            return find_system("lfw-single")
        recipe = self.scale.recipe("paper_single", world, seed=0)
        once = PhaseSettings(steps=1, validate_every=1)  # of the hiding, which nobody will use
        recipe = replace(recipe, name="recognizer", phase=once, minimax=replace(recipe.minimax, joint_steps=0))
        return self._trained(recipe, f"recognizer-{world.name}").parent

    def settings(self, world: World, *recipes: str) -> dict[str, Any]:
        """Return what decides all that is trained here on a world, for the settings of rows.

        Args:
            world: What is hidden.
            recipes: Names of those that the row needs.
        """
        start = read_card(self.recognizer(world)).system_hash if self._takes_bundled(world) else "trained"
        made = {name: self.scale.digest(name, world) for name in recipes}
        return {"world": world.name, **asdict(self.scale), "secret_classifier": start, "recipes": made}

    def system_of(self, name: str, world: World, seed: int) -> StegoSystem:
        """Return the system of a recipe that many experiments look at, trained if it is not there yet.

        Args:
            name: Of the recipe.
            world: What it hides.
            seed: Of everything that is drawn.

        Raises:
            As `system`.
        """
        return load(self.folder_of(name, world, seed), device=self.fabric.device)

    def folder_of(self, name: str, world: World, seed: int) -> Path:
        """Return the folder of `system_of`; arguments and errors as there."""
        recipe = self.scale.recipe(name, world, seed=seed)
        return self._trained(recipe, f"{world.name}-{name}-{seed}", start_from=self.recognizer(world))

    def system(
        self, recipe: Recipe, name: str, start_from: Path, start_with: StartWith = "secret_classifier"
    ) -> StegoSystem:
        """Return a system, trained if it is not there yet.

        Args:
            recipe: What it is.
            name: Of its folder.
            start_from: Run or system that it takes its secret classifier from, or all networks.
            start_with: What it takes.

        Raises:
            ValueError: If one of that name was made with other settings.
            TakenElsewhereError: If another process is training it.
            KeyboardInterrupt: If Ctrl-C stopped its training.
        """
        folder = self._trained(recipe, name, start_from=start_from, start_with=start_with)
        return load(folder, device=self.fabric.device)

    def watched(self, recipe: Recipe, world: World, name: str, watch: Watch) -> StegoSystem:
        """Return a system that is trained anew while something looks at it where a validator would.

        Args:
            recipe: What it is.
            world: What it hides.
            name: Of its folder, which is emptied: what a stopped training has shown is gone.
            watch: What looks, and says which weights are kept.

        Raises:
            As `system`.
        """
        folder, start = self.folder / name, self.recognizer(world)
        shutil.rmtree(folder, ignore_errors=True)
        corpus = replace(self.corpus(recipe), validator=watch)  # type: ignore[arg-type]
        return load(self._run(recipe, corpus, folder, start_from=start), device=self.fabric.device)

    def corpus(self, recipe: Recipe) -> Corpus:
        """Return a recipe's data; in a trial with few pictures to validate with."""
        key = recipe.data, recipe.networks.image_size
        if key not in self._corpora:
            corpus = open_corpus(*key, self.places.data_root, self.places.protocol, self.fabric.device)
            if self.scale.name == "tiny":
                few = slice(None, None, _TINY_DIGITS)
                validator = corpus.validator
                parts = {part: getattr(validator, part)[few] for part in ("secrets", "covers", "labels")}
                corpus = replace(
                    corpus,
                    validator=replace(validator, **parts),
                    validation_secrets=digits(key[1], "val", every=_TINY_DIGITS),
                )
            self._corpora[key] = corpus
        return self._corpora[key]

    def bench(self, world: World, size: int, covers: str | None = None) -> TestBench:
        """Return what a world is tested on, opened and decoded once.

        Args:
            world: What is hidden.
            size: S, pixels.
            covers: Name of the cover set, instead of the world's.

        Raises:
            FileNotFoundError: If a set or the protocol is missing.
        """
        key = world, size, covers or world.covers[0]
        if key not in self._benches:
            self._benches[key] = open_bench(world, self.scale, self.places, key[2], size)
        return self._benches[key]

    def _takes_bundled(self, world: World) -> bool:
        return self.scale.name == "small" and world == FACES

    @staticmethod
    def begun(folder: Path) -> bool:
        """Whether a run has left a checkpoint."""
        return any(has_checkpoint(folder / phase / "checkpoint") for phase in PHASES)

    def _trained(self, recipe: Recipe, name: str, **start: Any) -> Path:
        folder = self.folder / name
        if self._finished(folder, recipe):
            return folder / "system"
        with claimed(folder):
            if self._finished(folder, recipe):  # by another process, a moment ago
                return folder / "system"
            return self._run(recipe, self.corpus(recipe), folder, **start)

    def _run(self, recipe: Recipe, corpus: Corpus, folder: Path, **start: Any) -> Path:
        self.report(f"{folder.name}: training", 0, 1)
        outcome = Run(self.fabric, recipe, corpus, folder, **start).train(resume=self.begun(folder))
        if outcome.system_folder is None or any(phase.stopped for phase in outcome.phases.values()):
            raise KeyboardInterrupt
        return outcome.system_folder

    @staticmethod
    def _finished(folder: Path, recipe: Recipe) -> bool:
        if not (folder / "system" / CARD_FILE).is_file():
            return False
        before = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))["recipe"]
        changes = changed_settings(before, asdict(with_public_key(recipe)))
        if changes:
            raise ValueError(
                f"{folder} was trained with other settings: {changes}. Give the settings of then, choose another "
                "--out, or remove the folder to train anew"
            )
        return True
