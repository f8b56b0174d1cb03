"""Any recipe at the scale of two CPU cores: 64 pixels, narrow networks, hundreds of steps, one plan for all.

Rows of a table that are trained so can be compared with each other, not with the paper's numbers.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from miais.networks.spec import NetworkSpec
from miais.training.settings import OptimizerSettings, PhaseSettings, PretrainSettings, Recipe

SIZE = 64
TRIPLETS = 4
_STAGES = 12
_GENERATOR = {"image_size": SIZE, "width": 32}
_RESTORER = {"width": 16}
_CLASSIFIER = {"image_size": SIZE, "width": 32}
# So narrow that hiding and restoring together take 0.3 to 0.6 billion multiplications, as U-Net and restorer above.
_PEERS: Mapping[str, Mapping[str, Any]] = {
    "hiips": {"width": 10},
    "steganogan": {},
    "hidden": {"width": 32},
    "stegnet": {},
    "hinet": {"blocks": 4, "growth": 16},
    "udh": {"width": 24},
}


def small(recipe: Recipe, *, steps: int, pretrain_steps: int = 3500, seed: int = 0) -> Recipe:
    """Return a recipe of the paper, or of a peer, for two CPU cores.

    What the recipe is about stays: losses, weights, stages, threshold. Image size, networks, batches and optimisers are
    the same for all: AdamW along half a cosine, for nothing else arrives in so few steps, and covers of 64 pixels.

    Args:
        recipe: Of the paper or of a peer, at 256 pixels.
        steps: Optimiser steps of the hiding, the same for all rows of a table.
        pretrain_steps: Of the secret classifier, where the run trains one.
        seed: Of everything that is drawn.
    """
    networks, data = recipe.networks, recipe.data
    joint = recipe.minimax.joint_steps >= recipe.phase.steps
    phase = PhaseSettings(steps=steps, validate_every=max(1, steps // 4))
    batch = TRIPLETS if data.triplets else 3 * TRIPLETS
    hider, classifier = (OptimizerSettings("adamw", lr, weight_decay=0.01, **_COSINE) for lr in (1e-3, 5e-4))
    if recipe.peer is not None:
        hider = replace(hider, second_beta=recipe.generator_optimizer.second_beta)
    return replace(
        recipe,
        description=f"{recipe.description}; small: {SIZE} px",
        networks=replace(
            networks,
            image_size=SIZE,
            generator=_generator(networks.generator),
            restorer=None if networks.restorer is None else _restorer(networks.restorer),
            classifier=NetworkSpec("residue", {**_CLASSIFIER, "dropout": 0.0}),
            secret_classifier=NetworkSpec("residue", {**_CLASSIFIER, "dropout": 0.4}),
        ),
        data=replace(data, batch=batch, cover_size=SIZE),
        pretrain=_pretrain(recipe, pretrain_steps),
        minimax=replace(
            recipe.minimax,
            joint_steps=steps if joint else 0,
            stage_steps=max(1, steps // _STAGES),
        ),
        phase=phase,
        generator_optimizer=hider,
        classifier_optimizer=classifier,
        seed=seed,
    )


_COSINE: Mapping[str, Any] = {"schedule": "cosine", "warmup": 0.05, "clip_norm": 5.0}


def _pretrain(recipe: Recipe, steps: int) -> PretrainSettings:
    """Plain classification with a margin, every image equally often."""
    identity = replace(recipe.pretrain.identity, triplet=0.0, logit_margin=4.8)
    optimizer = OptimizerSettings("adamw", lr=2e-3, weight_decay=0.1, schedule="cosine", warmup=0.1)
    phase = PhaseSettings(steps=steps, batch=64, validate_every=max(1, steps // 7))
    return PretrainSettings(phase, identity, optimizer, triplets=False)


def _generator(spec: NetworkSpec) -> NetworkSpec:
    return _peer(spec) if spec.kind == "peer" else NetworkSpec("unet", _GENERATOR)


def _restorer(spec: NetworkSpec) -> NetworkSpec:
    return _peer(spec) if spec.kind == "peer" else NetworkSpec("plain", _RESTORER)


def _peer(spec: NetworkSpec) -> NetworkSpec:
    method = spec.arguments["method"]
    return NetworkSpec("peer", {"method": method, **_PEERS[method]})
