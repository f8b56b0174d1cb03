"""The quick start: handwritten digits hidden in photographs, all bundled, the whole minimax in minutes on two cores."""

from miais.networks.spec import NetworkSpec
from miais.training.objective_settings import (
    ClassifierWeights,
    GeneratorWeights,
    IdentitySettings,
    LossSettings,
    MinimaxSettings,
)
from miais.training.settings import (
    DataSettings,
    NetworkSettings,
    OptimizerSettings,
    PhaseSettings,
    PretrainSettings,
    Recipe,
    TransitSettings,
)

_SIZE = 32
_IDENTITY = IdentitySettings(cross_entropy=1.0, triplet=0.5, triplet_margin=3.0, triplet_roles="both")


def digits_single() -> Recipe:
    """Digits of scikit-learn in photographs of scikit-image, at 40 dB and more."""
    return Recipe(
        name="digits",
        description="handwritten digits in photographs, recognised on the container; bundled data, under 5 minutes",
        networks=NetworkSettings(
            image_size=_SIZE,
            generator=NetworkSpec("residual", {"image_size": _SIZE, "width": 16}),
            classifier=NetworkSpec("residue", {"image_size": _SIZE, "width": 16, "logit_scale": 1.0, "dropout": 0.1}),
        ),
        data=DataSettings(
            secrets="digits",
            covers=("scikit-image",),
            batch=32,
            cover_size=64,
            cover_crops=True,
            augment="none",
            workers=1,
        ),
        pretrain=PretrainSettings(
            phase=PhaseSettings(steps=300, batch=64, validate_every=100),
            identity=IdentitySettings(cross_entropy=1.0, triplet=0.0),
            optimizer=OptimizerSettings("adamw", lr=2e-3, weight_decay=0.05, schedule="cosine", warmup=0.1),
            triplets=False,
        ),
        minimax=MinimaxSettings(
            losses=LossSettings(identity=_IDENTITY),
            stage_a=ClassifierWeights(identity=1.0, discrepancy=0.1, distillation=0.3),
            stage_b=GeneratorWeights(
                visual=10.0, content=0.3, identity=1.0, discrepancy=0.1, restoration=0.0, distillation=0.3
            ),
            joint=GeneratorWeights(
                visual=10.0, content=0.3, identity=1.0, discrepancy=0.0, restoration=0.0, distillation=0.3
            ),
            joint_steps=200,
            heads_apart=0.02,
        ),
        transit=TransitSettings(quantize=True, psnr_start_db=28.0, psnr_db=41.0, psnr_ramp=0.5),
        phase=PhaseSettings(steps=900, validate_every=300),
        generator_optimizer=OptimizerSettings(
            "adamw", lr=2e-3, weight_decay=0.01, schedule="cosine", warmup=0.03, clip_norm=1.0
        ),
        classifier_optimizer=OptimizerSettings(
            "adamw", lr=1e-3, weight_decay=0.05, schedule="cosine", warmup=0.03, clip_norm=5.0
        ),
    )
