"""`strong`: the code of an identity on a lattice, in containers above 60 dB."""

from dataclasses import replace

from miais.networks.build import NetworkSpec
from miais.recipes.lfw import lfw_single
from miais.training.objective_settings import ClassifierWeights, GeneratorWeights
from miais.training.settings import OptimizerSettings, PhaseSettings, Recipe, TransitSettings

# Public: it separates systems, not people. Whoever wants a secret channel draws a key of their own.
_KEY = "6d696169732d7374726f6e672d73696e676c652d7075626c69632d6b65792031"
_CODE, _REPEATS = 256, 16
_CHANNEL = {"carrier": "pixels", "step": 4.0, "repeats": _REPEATS, "key": _KEY}


def strong_single() -> Recipe:
    """Recognition on containers above 60 dB, as good as on the plain secret."""
    base = lfw_single()
    size = base.networks.image_size
    return replace(
        base,
        name="strong_single",
        description="faces of LFW, a code of the identity on a lattice of grey levels",
        networks=replace(
            base.networks,
            generator=NetworkSpec("lattice", {"image_size": size, "code": _CODE, "channel": _CHANNEL}),
            classifier=NetworkSpec("lattice", {"code": _CODE, "channel": _CHANNEL}),
        ),
        minimax=replace(
            base.minimax,
            losses=replace(base.minimax.losses, hint_layers=()),
            stage_a=ClassifierWeights(identity=0.2, discrepancy=0.1, distillation=1.0),
            stage_b=GeneratorWeights(
                visual=0.0, content=0.0, identity=0.2, discrepancy=0.1, restoration=0.0, distillation=1.0
            ),
            joint=GeneratorWeights(
                visual=0.0, content=0.0, identity=0.2, discrepancy=0.0, restoration=0.0, distillation=1.0
            ),
            joint_steps=1000,
        ),
        transit=TransitSettings(quantize=True, sizes=(64, 112, 160, 256)),
        phase=PhaseSettings(steps=2000, validate_every=500),
        generator_optimizer=OptimizerSettings(
            "adamw", lr=1e-4, weight_decay=0.01, schedule="cosine", warmup=0.03, clip_norm=1.0
        ),
        classifier_optimizer=OptimizerSettings(
            "adamw", lr=1e-3, weight_decay=0.01, schedule="cosine", warmup=0.03, clip_norm=5.0
        ),
    )


def strong_robust() -> Recipe:
    """Recognition on containers of 43 dB after JPEG, rescaling, blur or noise."""
    base = strong_single()
    size = base.networks.image_size
    channel = {"carrier": "spectrum", "step": 62.0, "repeats": 8, "key": _KEY}
    code = 128
    return replace(
        base,
        name="strong_robust",
        description="faces of LFW, a code of the identity in the low frequencies of the cover",
        networks=replace(
            base.networks,
            generator=NetworkSpec("lattice", {"image_size": size, "code": code, "slope": 0.8, "channel": channel}),
            classifier=NetworkSpec("lattice", {"code": code, "channel": channel}),
        ),
        transit=replace(base.transit, sizes=(112, 160, 256, 256), distortions="road"),
    )


def strong_multi() -> Recipe:
    """Recognition, and restoration where wanted, above 43 dB."""
    base = strong_single()
    code = {**_CHANNEL, "step": 6.0}
    picture = {"carrier": "pixels", "step": 6.0, "repeats": 8, "key": _KEY, "skip": _CODE * _REPEATS}
    size = base.networks.image_size
    settings = base.minimax
    return replace(
        base,
        name="strong_multi",
        description="faces of LFW, the face itself beside a code of the identity, on a lattice of grey levels",
        networks=replace(
            base.networks,
            generator=NetworkSpec("lattice", {"image_size": size, "code": _CODE, "channel": code, "picture": picture}),
            classifier=NetworkSpec("lattice", {"code": _CODE, "channel": code}),
            restorer=NetworkSpec("lattice", {"image_size": size, "picture": picture}),
        ),
        minimax=replace(
            settings,
            losses=replace(settings.losses, restoration_mse=200.0),
            stage_b=replace(settings.stage_b, restoration=10.0),
            joint=replace(settings.joint, restoration=10.0),
        ),
        transit=replace(base.transit, sizes=(160, 256, 256)),
    )
