"""What the paper's experiments hide: faces, objects of known classes and, to try everything in a minute, digits."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from miais.recipes import get_recipe
from miais.recipes.small import small
from miais.training.corpus import DIGITS, PHOTOGRAPHS
from miais.training.objective_settings import IdentitySettings
from miais.training.settings import Recipe

ScaleName = Literal["tiny", "small", "paper"]


@dataclass(frozen=True)
class World:
    """Secrets, and how a recipe takes them.

    Attributes:
        name: In tables and file names.
        secrets: Name of the set.
        covers: Of the training, where an experiment asks for no others.
        size: S at the small scale, pixels.
        people: Whether it shows people, who are verified; otherwise known labels are classified, without triplets.
        images: Of a step at the small scale: as many as have about the pixels of six faces.
        pictures: Of each person in training; None: all.
    """

    name: str
    secrets: str
    covers: tuple[str, ...]
    size: int
    people: bool
    images: int = 6
    pictures: int | None = None


FACES = World("faces", "lfw160", ("covers-textures100",), 112, people=True)
FEW_FACES = replace(FACES, name="faces-10", pictures=10)
OBJECTS = World("tiny-imagenet", "tiny-imagenet110", ("covers-textures100",), 64, people=False, images=18)
NUMERALS = World("digits", DIGITS, (PHOTOGRAPHS,), 32, people=False)


@dataclass(frozen=True)
class Scale:
    """How large an experiment is.

    Attributes:
        name: "tiny" shows that it works, "small" is for two CPU cores, "paper" has the paper's networks and 256 pixels.
        steps: Of every hiding that is trained; None: as the recipe.
        pretrain_steps: Of a secret classifier; None: as the recipe.
        reader_steps: Of a classifier that learns to read obfuscated secrets.
        secrets: Of the test, at most; None: all.
    """

    name: ScaleName
    steps: int | None
    pretrain_steps: int | None
    reader_steps: int
    secrets: int | None

    def worlds(self, *worlds: World) -> tuple[World, ...]:
        """Return the worlds of an experiment: in a trial, digits alone."""
        return (NUMERALS,) if self.name == "tiny" else worlds

    def recipe(self, name: str, world: World, *, seed: int, covers: tuple[str, ...] | None = None) -> Recipe:
        """Return a recipe for a world.

        Args:
            name: Of the paper or of a peer.
            world: What it hides.
            seed: Of everything that is drawn.
            covers: To train on, instead of the world's.
        """
        recipe = replace(get_recipe(name), seed=seed)
        if not world.people:
            recipe = _of_known_labels(recipe)
        data = replace(recipe.data, secrets=world.secrets, covers=covers or world.covers, pictures=world.pictures)
        if world.secrets == DIGITS:  # which mirrored are others
            data = replace(data, augment="none")
        recipe = replace(recipe, data=data)
        if self.steps is None or self.pretrain_steps is None:
            return recipe
        return small(
            recipe,
            size=world.size,
            steps=self.steps,
            images=world.images,
            pretrain_steps=self.pretrain_steps,
            seed=seed,
        )

    def digest(self, name: str, world: World) -> str:
        """Return the beginning of the SHA-256 of a recipe's settings, so that rows of other settings are not mixed."""
        settings = asdict(self.recipe(name, world, seed=0))
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


SCALES: dict[ScaleName, Scale] = {
    "tiny": Scale("tiny", steps=2, pretrain_steps=2, reader_steps=2, secrets=24),
    "small": Scale("small", steps=2000, pretrain_steps=4000, reader_steps=400, secrets=2000),
    "paper": Scale("paper", steps=None, pretrain_steps=None, reader_steps=20_000, secrets=None),
}


def _of_known_labels(recipe: Recipe) -> Recipe:
    """Leave out what needs triplets, as the paper does where it classifies."""
    losses = recipe.minimax.losses
    identity = replace(losses.identity, triplet=0.0)
    return replace(
        recipe,
        data=replace(recipe.data, triplets=False),
        pretrain=replace(recipe.pretrain, triplets=False, identity=IdentitySettings(triplet=0.0)),
        minimax=replace(recipe.minimax, losses=replace(losses, identity=identity)),
    )


@dataclass(frozen=True)
class Places:
    """Where the data is; both None where all is bundled.

    Attributes:
        data_root: Folder of the sets.
        protocol: Folder of the protocol's CSV files; None: `protocol` beside the data root.
    """

    data_root: Path | None = None
    protocol: Path | None = None
