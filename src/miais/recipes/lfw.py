"""Our own recipes for faces: light networks, a PSNR budget, and the whole minimax, within hours on two CPU cores."""

from dataclasses import replace

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

_SIZE = 112
# Containers of many sizes, so that one of any size can be read; small ones are cheap. At 64 pixels the fine patterns
# that serve all others do not survive, and what does must be learnt often enough.
_SIZES = (128,) * 4 + (160,) * 2 + (256,) * 4 + (192, 96) + (64,) * 4
_IDENTITY = IdentitySettings(cross_entropy=1.0, triplet=0.5, triplet_margin=3.0, triplet_roles="both", logit_margin=4.8)


def lfw_single() -> Recipe:
    """Recognition on containers at 44 dB and more."""
    return Recipe(
        name="lfw_single",
        description="faces of LFW in photographs, recognised on the container; light networks",
        networks=NetworkSettings(
            image_size=_SIZE,
            generator=NetworkSpec("residual", {"image_size": _SIZE, "width": 32}),
            # v needs dropout for the sake of people it has not seen; f1 and f2, who learn its answers, it only blurs.
            classifier=NetworkSpec("residue", {"image_size": _SIZE, "width": 32, "dropout": 0.0}),
            secret_classifier=NetworkSpec("residue", {"image_size": _SIZE, "width": 32, "dropout": 0.4}),
        ),
        data=DataSettings(
            secrets="lfw160",
            covers=("covers-imagenet400", "covers-textures100"),
            batch=8,
            cover_size=256,
            cover_crops=True,
            augment="faces",
            workers=1,
        ),
        pretrain=PretrainSettings(
            phase=PhaseSettings(steps=6000, batch=64, validate_every=500),
            identity=replace(_IDENTITY, triplet=0.0),
            optimizer=OptimizerSettings("adamw", lr=2e-3, weight_decay=0.1, schedule="cosine", warmup=0.1),
            triplets=False,
        ),
        minimax=MinimaxSettings(
            losses=LossSettings(identity=_IDENTITY, hint_layers=("trunk.2", "trunk.4", "trunk.6")),
            stage_a=ClassifierWeights(identity=0.2, discrepancy=0.1, distillation=1.0, hints=30.0),
            stage_b=GeneratorWeights(
                visual=10.0, content=0.1, identity=0.2, discrepancy=0.1, restoration=0.0, distillation=1.0, hints=30.0
            ),
            # v on containers is left out at first: f1 starts as v, and one network less is a quarter of the time.
            joint=GeneratorWeights(
                visual=10.0, content=0.0, identity=0.2, discrepancy=0.0, restoration=0.0, distillation=1.0, hints=30.0
            ),
            joint_steps=7800,
            batch_statistics="kept",
            heads_apart=0.02,
        ),
        transit=TransitSettings(quantize=True, psnr_start_db=44.2, psnr_db=44.2, sizes=_SIZES),
        phase=PhaseSettings(steps=9100, validate_every=700),
        generator_optimizer=OptimizerSettings(
            "adamw", lr=2e-3, weight_decay=0.01, schedule="cosine", warmup=0.03, clip_norm=1.0
        ),
        classifier_optimizer=OptimizerSettings(
            "adamw", lr=2e-3, weight_decay=0.05, schedule="cosine", warmup=0.03, clip_norm=5.0
        ),
    )


def lfw_multi() -> Recipe:
    """Recognition, and restoration where wanted: a stronger change to the cover carries the picture as well."""
    single = lfw_single()
    settings = single.minimax
    return replace(
        single,
        name="lfw_multi",
        description="faces of LFW in photographs, recognised on the container and restored; light networks",
        networks=replace(single.networks, restorer=NetworkSpec("residue", {"image_size": _SIZE, "width": 32})),
        minimax=replace(
            settings,
            joint_steps=5100,
            # MS-SSIM hardly sees a wrong shade of a whole region, and without weight on it that is most of the error.
            losses=replace(settings.losses, restoration_mse=200.0),
            stage_b=replace(settings.stage_b, restoration=15.0),
            joint=replace(settings.joint, restoration=15.0),
        ),
        # At this budget a container of 64 pixels is read after fewer of them, and no picture fits into it anyway.
        transit=replace(single.transit, psnr_start_db=32.2, psnr_db=32.2, sizes=_SIZES[:-2]),
        phase=replace(single.phase, steps=5800),
    )
