"""`strong_robust`: the code of an identity in low frequencies, which survive the road."""

from dataclasses import replace

from miais.networks.spec import NetworkSpec
from miais.recipes.strong_single import encoder, strong_single
from miais.training.settings import PhaseSettings, Recipe


def strong_robust() -> Recipe:
    """Recognition on containers of 43 dB after JPEG, rescaling, blur or noise."""
    base = strong_single()
    size = base.networks.image_size
    channel = {"carrier": "spectrum", "step": 57.0, "repeats": 8, "key": None}
    code = 128
    # What v makes of people it was trained on is no measure for others: little weight on who it is, and small steps.
    identity = 0.05
    settings = base.minimax
    return replace(
        base,
        name="strong_robust",
        description="faces of LFW, a code of the identity in the low frequencies of the cover",
        networks=replace(
            base.networks,
            generator=NetworkSpec(
                "lattice",
                {
                    "image_size": size,
                    "encoder": encoder(base.networks),
                    "code": code,
                    "slope": 0.5,
                    "channel": channel,
                },
            ),
            classifier=NetworkSpec("lattice", {"code": code, "channel": channel}),
        ),
        minimax=replace(
            settings,
            stage_a=replace(settings.stage_a, identity=identity),
            stage_b=replace(settings.stage_b, identity=identity),
            joint=replace(settings.joint, identity=identity),
            joint_steps=300,
        ),
        transit=replace(base.transit, sizes=(112, 160, 256, 256), distortions="road"),
        # The last step's weights, where the learning rate has come down: in validation others differ by chance alone.
        phase=PhaseSettings(steps=500, validate_every=500),
        generator_optimizer=replace(base.generator_optimizer, lr=2e-5),
        classifier_optimizer=replace(base.classifier_optimizer, lr=3e-4),
    )
