"""What a run is made of: small frozen dataclasses, one per concern, composed by the recipes."""

from dataclasses import dataclass, field
from typing import Literal

from miais.networks.build import NetworkSpec

Roles = Literal["all", "pair", "ends"]
"""Which images of the triplets count: all, positives and negatives, or anchors and negatives."""


def _require(condition: bool, message: str) -> None:
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
        _require(self.stage_steps >= 1, f"expected stage_steps of at least 1, got {self.stage_steps}")
        _require(self.joint_steps >= 0, f"expected joint_steps of at least 0, got {self.joint_steps}")
        _require(self.hiding_threshold > 0, f"expected a positive hiding_threshold, got {self.hiding_threshold}")


@dataclass(frozen=True)
class TransitSettings:
    """What lies between the generator's answer and what the receiver's networks see."""

    quantize: bool = False
    """Round to 8 bits with a straight-through gradient."""
    psnr_start_db: float | None = None
    """PSNR budget at the start; None for no budget."""
    psnr_db: float | None = None
    """PSNR budget once the ramp is over; the system keeps it."""
    psnr_ramp: float = 0.5
    """Share of the steps that the ramp takes."""
    sizes: tuple[int, ...] = ()
    """Sides that covers are resized to, height and width drawn for each batch; empty: as loaded."""
    noise_layers: bool = False
    """The authors' training distortions: cropout, dropout, JPEG surrogate or none, one per batch."""

    def __post_init__(self) -> None:
        _require(
            (self.psnr_start_db is None) == (self.psnr_db is None), "give both psnr_start_db and psnr_db, or neither"
        )
        _require(0 <= self.psnr_ramp <= 1, f"expected psnr_ramp in [0, 1], got {self.psnr_ramp}")


@dataclass(frozen=True)
class OptimizerSettings:
    """How parameters move."""

    name: Literal["sgd", "adam", "adamw"] = "sgd"
    lr: float = 1e-3
    momentum: float = 0.9
    """SGD's momentum, Adam's first beta."""
    weight_decay: float = 5e-4
    schedule: Literal["constant", "cosine", "plateau"] = "constant"
    """"plateau" multiplies by 0.2 when the validated loss stagnates, as in the paper."""
    warmup: float = 0.0
    """Share of the steps over which a cosine schedule rises from zero."""
    clip_norm: float = 0.0
    """Largest gradient norm; 0 for no clipping."""

    def __post_init__(self) -> None:
        _require(self.lr > 0, f"expected a positive lr, got {self.lr}")
        _require(0 <= self.warmup < 1, f"expected warmup in [0, 1), got {self.warmup}")


@dataclass(frozen=True)
class DataSettings:
    """Where secrets and covers come from, and how a batch is made of them."""

    secrets: str = "lfw160"
    """"digits" (bundled), "lfw160", "tiny-imagenet110", or the name of a folder or archive below the data root."""
    covers: tuple[str, ...] = ("covers-imagenet400",)
    """Cover sets; "scikit-image" is bundled."""
    batch: int = 16
    """Triplets in a batch, or images where there are no triplets."""
    triplets: bool = True
    cover_size: int = 256
    cover_crops: bool = False
    """Covers are random squares of random scale; False: whole, resized, as in the paper."""
    augment: Literal["none", "flip", "faces"] = "flip"
    """What a secret goes through before it is hidden in training; "faces" adds shifts, turns, light and holes."""
    workers: int = 1


@dataclass(frozen=True)
class NetworkSettings:
    """The networks of a system."""

    image_size: int = 256
    generator: NetworkSpec = field(default_factory=lambda: NetworkSpec("unet"))
    classifier: NetworkSpec = field(default_factory=lambda: NetworkSpec("inception"))
    """f1 and f2; they start with the secret classifier's weights."""
    restorer: NetworkSpec | None = None
    """None for single-task."""
    secret_classifier: NetworkSpec | None = None
    """v, where it differs in more than its weights, as in its dropout; None: the same."""


@dataclass(frozen=True)
class PhaseSettings:
    """Length and rhythm of one training phase."""

    steps: int = 10_000
    batch: int | None = None
    """Instead of the data settings' batch."""
    accumulate: int = 1
    """Batches whose gradients are summed before a step."""
    validate_every: int = 500
    log_every: int = 20

    def __post_init__(self) -> None:
        for name in ("steps", "accumulate", "validate_every", "log_every"):
            _require(getattr(self, name) >= 1, f"expected {name} of at least 1, got {getattr(self, name)}")


@dataclass(frozen=True)
class PretrainSettings:
    """The secret classifier θ*_v, trained on plain secrets and frozen afterwards."""

    phase: PhaseSettings = PhaseSettings()
    identity: IdentitySettings = IdentitySettings()
    optimizer: OptimizerSettings = OptimizerSettings()
    triplets: bool = True
    """Batches of triplets; False: every image equally often."""


@dataclass(frozen=True)
class Recipe:
    """A whole run: `miais train NAME` does exactly this."""

    name: str
    description: str
    networks: NetworkSettings
    data: DataSettings = DataSettings()
    pretrain: PretrainSettings = PretrainSettings()
    minimax: MinimaxSettings = MinimaxSettings()
    transit: TransitSettings = TransitSettings()
    phase: PhaseSettings = PhaseSettings()
    generator_optimizer: OptimizerSettings = OptimizerSettings()
    """Moves θh, and θr where there is a restorer."""
    classifier_optimizer: OptimizerSettings = OptimizerSettings()
    """Moves θf1 and θf2."""
    seed: int = 20261122

    def __post_init__(self) -> None:
        joint = self.minimax.joint_losses or self.minimax.losses
        triplet = max(self.minimax.losses.identity.triplet, joint.identity.triplet)
        for name, triplets, weight in (
            ("data", self.data.triplets, triplet),
            ("pretrain", self.pretrain.triplets, self.pretrain.identity.triplet),
        ):
            _require(
                triplets or weight == 0,
                f"recipe {self.name}: the triplet loss needs {name}.triplets=true, or set its weight to 0",
            )
