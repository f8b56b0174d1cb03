"""`strong`: the code of an identity on a lattice, in containers above 60 dB."""

from dataclasses import replace

from miais.networks.spec import NetworkSpec
from miais.recipes.lfw import lfw_single
from miais.training.objective_settings import ClassifierWeights, GeneratorWeights
from miais.training.settings import NetworkSettings, OptimizerSettings, PhaseSettings, Recipe, TransitSettings

CODE, REPEATS = 256, 16
CHANNEL = {"carrier": "pixels", "step": 4.0, "repeats": REPEATS, "key": None}  # `with_public_key` draws it


def encoder(networks: NetworkSettings) -> dict[str, object]:
    """Return the secret classifier as an encoder: without its dropout, which only blurs what is to be written."""
    spec = networks.secret_classifier or networks.classifier
    arguments = {name: value for name, value in spec.arguments.items() if name != "embedding_dim"}  # the generator's
    return {"kind": spec.kind, "arguments": {**arguments, "dropout": 0.0}}


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
            generator=NetworkSpec(
                "lattice",
                {"image_size": size, "encoder": encoder(base.networks), "code": CODE, "channel": CHANNEL},
            ),
            classifier=NetworkSpec("lattice", {"code": CODE, "channel": CHANNEL}),
        ),
        # One kind of covers, so that the other kind shows what the system is worth in pictures unlike those it knows.
        data=replace(base.data, covers=("covers-imagenet400",)),
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
            joint_steps=700,
        ),
        transit=TransitSettings(quantize=True, sizes=(64, 112, 160, 256)),
        phase=PhaseSettings(steps=1200, validate_every=300),
        generator_optimizer=OptimizerSettings(
            "adamw", lr=1e-4, weight_decay=0.01, schedule="cosine", warmup=0.03, clip_norm=1.0
        ),
        classifier_optimizer=OptimizerSettings(
            "adamw", lr=1e-3, weight_decay=0.01, schedule="cosine", warmup=0.03, clip_norm=5.0
        ),
    )
