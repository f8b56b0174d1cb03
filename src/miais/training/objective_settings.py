"""What Algorithm 1 minimises and when: settings of its losses, weights and stages."""

from dataclasses import dataclass
from typing import Literal

Roles = Literal["all", "pair", "ends"]
"""Which images of the triplets count: all, positives and negatives, or anchors and negatives."""


def require(condition: bool, message: str) -> None:
    """Refuse settings that make no sense.

    Raises:
        ValueError: With the message, unless the condition holds.
    """
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True)
class IdentitySettings:
    """L_id, Eqs. 6 and 7."""

    cross_entropy: float = 1.0
    """Weight of L_ce."""
    triplet: float = 2.0
    """α, weight of L_trip; 0 for plain classification, where batches are no triplets."""
    triplet_margin: float = 1.2
    """γ, in the unit of the embeddings."""
    triplet_roles: Literal["anchor", "both"] = "anchor"
    """Who plays the anchor."""
    cross_entropy_roles: Roles = "all"
    """"pair" leaves the anchors out of L_ce, as the authors' code does."""
    logit_margin: float = 0.0
    """Additive margin on the true logit; with cosine logits the cosine margin times the logits' scale."""


@dataclass(frozen=True)
class LossSettings:
    """How each term is computed."""

    identity: IdentitySettings = IdentitySettings()
    ms_ssim: Literal["standard", "miais"] = "standard"
    visual_mse: float = 0.0
    """Mean squared error added to L_vis."""
    visual_on: Literal["sent", "arrived"] = "sent"
    """L_vis of the container as sent, or, as in the authors' single-task code, after the noise layers."""
    restoration_mse: float = 0.0
    """Mean squared error added to L_res."""
    content_distance: Literal["norm", "mse"] = "norm"
    content_roles: Roles = "all"
    discrepancy_on: Literal["logits", "softmax"] = "logits"
    discrepancy_roles: Roles = "all"
    hint_layers: tuple[str, ...] = ()
    """Layers of the classifiers whose maps the hints compare, as `named_modules` calls them."""


@dataclass(frozen=True)
class ClassifierWeights:
    """Coefficients of Stage A, Eq. 12."""

    identity: float = 1.0
    discrepancy: float = 1.0
    """Subtracted: Stage A maximises it."""
    distillation: float = 0.0
    """f(container) towards v(secret); ours, not in the paper."""
    hints: float = 0.0
    """Feature maps of f(container) towards those of v(secret); ours."""
    adaptive: bool = False
    """Multiply each by (T - own term) / T, T the sum of the terms, as the authors' code does."""


@dataclass(frozen=True)
class GeneratorWeights:
    """Coefficients of Stage B, Eqs. 13 and 14, and of the joint objective, Eqs. 9 and 10."""

    visual: float = 1.0
    content: float = 1.0
    identity: float = 1.0
    discrepancy: float = 1.0
    restoration: float = 1.0
    distillation: float = 0.0
    """f(container) towards v(secret), through the fixed f; ours, not in the paper."""
    hints: float = 0.0
    """As in Stage A."""
    adaptive: bool = False
    """As in Stage A."""


@dataclass(frozen=True)
class MinimaxSettings:
    """Algorithm 1: which stage when, and its objective."""

    losses: LossSettings = LossSettings()
    stage_a: ClassifierWeights = ClassifierWeights()
    stage_b: GeneratorWeights = GeneratorWeights()
    stage_b_above: GeneratorWeights | None = None
    """Stage B while the mean L_vis of the last Stage B lies above the hiding threshold; None: always `stage_b`."""
    hiding_threshold: float = 0.02
    pressure: float = 0.0
    """Rate at which the weights of L_vis and L_res follow the thresholds in every step that hides: `ImagePressure`;
    0: not at all."""
    pressure_at_start: float = 1.0
    """What the weights are multiplied by at first."""
    restoration_threshold: float = 0.1
    """Of L_res, as the hiding threshold is of L_vis; for the pressure alone."""
    above_at_start: bool = True
    """Whether the first Stage B, which has no mean yet, counts as above the threshold."""
    joint: GeneratorWeights = GeneratorWeights(discrepancy=0.0)
    joint_losses: LossSettings | None = None
    """How the terms of the joint objective are computed; None: as in the stages."""
    joint_steps: int = 0
    """Steps of joint training of h, r and f1 by Eq. 9 or 10 before the minimax; f2 then starts as f1."""
    stage_steps: int = 1
    """Length of a stage, an "epoch" of Algorithm 1, in optimiser steps."""
    first_stage: Literal["A", "B"] = "A"
    fixed: Literal["eval", "train"] = "eval"
    """Fixed networks are in eval mode; "train" is the authors' code, where fixed only means not stepped."""
    batch_statistics: Literal["own", "kept"] = "own"
    """"kept": f1 and f2 normalise with v's statistics, in training too. A batch's own ones hide what the batch has in
    common, and v's answers, which f1 and f2 are to learn, do not."""
    heads_apart: float = 0.0
    """Relative noise on f2's weights at the start of the minimax, so that f1 and f2 differ by more than dropout."""

    def __post_init__(self) -> None:
        require(self.stage_steps >= 1, f"expected stage_steps of at least 1, got {self.stage_steps}")
        require(self.joint_steps >= 0, f"expected joint_steps of at least 0, got {self.joint_steps}")
        require(self.pressure >= 0, f"expected a pressure of at least 0, got {self.pressure}")
        require(self.pressure_at_start >= 1, f"expected pressure_at_start >= 1, got {self.pressure_at_start}")
        require(self.restoration_threshold > 0, f"expected restoration_threshold > 0, got {self.restoration_threshold}")
        require(self.hiding_threshold > 0, f"expected a positive hiding_threshold, got {self.hiding_threshold}")
        self._require_hint_layers()

    def _require_hint_layers(self) -> None:
        for name, losses, weights in (
            ("stage_a", self.losses, self.stage_a),
            ("stage_b", self.losses, self.stage_b),
            ("stage_b_above", self.losses, self.stage_b_above),
            ("joint", self.joint_losses or self.losses, self.joint),
        ):
            require(
                weights is None or not weights.hints or bool(losses.hint_layers),
                f"{name} weighs hints, and its losses name no hint_layers to take them from",
            )
