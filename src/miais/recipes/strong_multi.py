"""`strong_multi`: the face itself beside the code of its identity, for those who must restore it."""

from dataclasses import replace

from miais.networks.spec import NetworkSpec
from miais.recipes.strong_single import CHANNEL, CODE, REPEATS, encoder, strong_single
from miais.training.settings import PhaseSettings, Recipe


def strong_multi() -> Recipe:
    """Recognition, and restoration where wanted, above 43 dB."""
    base = strong_single()
    code = {**CHANNEL, "step": 6.0}
    picture = {"carrier": "pixels", "step": 6.0, "repeats": 8, "key": None, "skip": CODE * REPEATS}
    size = base.networks.image_size
    settings = base.minimax
    return replace(
        base,
        name="strong_multi",
        description="faces of LFW, the face itself beside a code of the identity, on a lattice of grey levels",
        networks=replace(
            base.networks,
            generator=NetworkSpec(
                "lattice",
                {
                    "image_size": size,
                    "encoder": encoder(base.networks),
                    "code": CODE,
                    "channel": code,
                    "picture": picture,
                },
            ),
            classifier=NetworkSpec("lattice", {"code": CODE, "channel": code}),
            restorer=NetworkSpec("lattice", {"image_size": size, "picture": picture}),
        ),
        minimax=replace(
            settings,
            losses=replace(settings.losses, restoration_mse=200.0),
            stage_b=replace(settings.stage_b, restoration=10.0),
            joint=replace(settings.joint, restoration=10.0),
            joint_steps=80,
        ),
        transit=replace(base.transit, sizes=(160, 256, 256)),
        # What is written comes out as it was, so there is little to learn, and each of these steps takes long.
        phase=PhaseSettings(steps=120, validate_every=60),
    )
