"""What a run is made of: small frozen dataclasses, one per concern, composed by the recipes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from miais.networks.spec import NetworkSpec
from miais.training.objective_settings import IdentitySettings, MinimaxSettings, require


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
    distortions: Literal["none", "official", "road"] = "none"
    """One per batch, drawn out of: the authors' cropout, dropout, JPEG surrogate or none; or a real JPEG, rescaling,
    blur, noise or none, each of random strength."""

    def __post_init__(self) -> None:
        require(
            (self.psnr_start_db is None) == (self.psnr_db is None), "give both psnr_start_db and psnr_db, or neither"
        )
        require(0 <= self.psnr_ramp <= 1, f"expected psnr_ramp in [0, 1], got {self.psnr_ramp}")


@dataclass(frozen=True)
class OptimizerSettings:
    """How parameters move."""

    name: Literal["sgd", "adam", "adamw", "adamax", "adadelta"] = "sgd"
    lr: float = 1e-3
    momentum: float = 0.9
    """SGD's momentum, the first beta of Adam and its kin, Adadelta's rho."""
    second_beta: float = 0.999
    """Of Adam and its kin."""
    eps: float = 1e-8
    """What Adam and its kin, and Adadelta, add to what they divide by."""
    weight_decay: float = 5e-4
    schedule: Literal["constant", "cosine", "plateau"] = "constant"
    """"plateau" multiplies by 0.2 when the validated score stagnates; the paper watches its overall loss."""
    warmup: float = 0.0
    """Share of the steps over which a cosine schedule rises from zero."""
    clip_norm: float = 0.0
    """Largest gradient norm; 0 for no clipping."""

    def __post_init__(self) -> None:
        require(self.lr > 0, f"expected a positive lr, got {self.lr}")
        require(0 <= self.warmup < 1, f"expected warmup in [0, 1), got {self.warmup}")


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
    pictures: int | None = None
    """Of each person in training, the first by name, without people who have fewer; None: all pictures of all."""


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
            require(getattr(self, name) >= 1, f"expected {name} of at least 1, got {getattr(self, name)}")


@dataclass(frozen=True)
class PretrainSettings:
    """The secret classifier θ*_v, trained on plain secrets and frozen afterwards."""

    phase: PhaseSettings = PhaseSettings()
    identity: IdentitySettings = field(default_factory=IdentitySettings)
    optimizer: OptimizerSettings = OptimizerSettings()
    triplets: bool = True
    """Batches of triplets; False: every image equally often."""


@dataclass(frozen=True)
class PeerSettings:
    """Training of a peer by its own losses, with recognition beside them: the starred methods of the paper's Table VI.

    Recognition is weighed by `minimax.joint.identity`; at 0 the peer trains alone, as its authors do.
    """

    native: float = 3.0
    """Weight of the method's own loss, as the authors of MIAIS weigh their image losses."""
    critic_arguments: Mapping[str, Any] = field(default_factory=dict)
    """Of the method's critic, where it has one."""


@dataclass(frozen=True)
class Recipe:
    """A whole run: `miais train NAME` does exactly this."""

    name: str
    description: str
    networks: NetworkSettings
    data: DataSettings = DataSettings()
    pretrain: PretrainSettings = PretrainSettings()
    minimax: MinimaxSettings = field(default_factory=MinimaxSettings)
    transit: TransitSettings = TransitSettings()
    phase: PhaseSettings = PhaseSettings()
    generator_optimizer: OptimizerSettings = OptimizerSettings()
    """Moves θh, and θr where there is a restorer."""
    classifier_optimizer: OptimizerSettings = OptimizerSettings()
    """Moves θf1 and θf2."""
    peer: PeerSettings | None = None
    """For a peer, whose networks are of the kind "peer": its own losses instead of Algorithm 1."""
    seed: int = 20261122

    def __post_init__(self) -> None:
        joint = self.minimax.joint_losses or self.minimax.losses
        triplet = max(self.minimax.losses.identity.triplet, joint.identity.triplet)
        for name, triplets, weight in (
            ("data", self.data.triplets, triplet),
            ("pretrain", self.pretrain.triplets, self.pretrain.identity.triplet),
        ):
            require(
                triplets or weight == 0,
                f"recipe {self.name}: the triplet loss needs {name}.triplets=true, or set its weight to 0",
            )
