"""`strong_robust`: the code of an identity in low frequencies, which survive the road."""

from dataclasses import replace

from miais.networks.spec import NetworkSpec
from miais.recipes.strong_single import KEY, encoder, strong_single
from miais.training.settings import Recipe


def strong_robust() -> Recipe:
    """Recognition on containers of 43 dB after JPEG, rescaling, blur or noise."""
    base = strong_single()
    size = base.networks.image_size
    channel = {"carrier": "spectrum", "step": 62.0, "repeats": 8, "key": KEY}
    code = 128
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
        transit=replace(base.transit, sizes=(112, 160, 256, 256), distortions="road"),
    )
