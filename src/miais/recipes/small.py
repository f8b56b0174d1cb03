"""Any recipe of the paper, or of a peer, at the scale of two CPU cores: small pictures, narrow networks, one plan.

Rows of a table that are trained so can be compared with each other, not with the paper's numbers.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from miais.networks.spec import NetworkSpec
from miais.training.settings import OptimizerSettings, PhaseSettings, PretrainSettings, Recipe

_STAGES = 40
_PRESSURE = 0.01
_GENERATOR_WIDTH, _RESTORER_WIDTH, _CLASSIFIER_WIDTH = 32, 16, 32
_CRITICS: Mapping[str, Mapping[str, Any]] = {"hidden": {"width": 16}}
# So narrow that hiding and restoring take about as long as U-Net and restorer of these widths.
_PEERS: Mapping[str, Mapping[str, Any]] = {
    "hiips": {"width": 8},
    "steganogan": {"width": 24},
    "hidden": {"width": 16},
    "stegnet": {"width": 16},
    "hinet": {"blocks": 4, "growth": 12},
    "udh": {"width": 24, "stages": 4},  # so that it takes 112 pixels
}


def small(
    recipe: Recipe, *, size: int, steps: int, images: int = 6, pretrain_steps: int = 2000, seed: int = 0
) -> Recipe:
    """Return a recipe of the paper, or of a peer, for two CPU cores.

    What the recipe is about stays: losses, weights, stages, threshold. Image size, networks, batches and optimisers are
    the same for all: AdamW along half a cosine, for nothing else arrives in so few steps, and a dual ascent that holds
    the hiding threshold, for peers too: they begin by showing the secret, and learn to hide while the pressure grows.
    Covers have the networks' size, and the last weights are kept: none are chosen by how they do on anybody.

    Args:
        recipe: Of the paper or of a peer, at 256 pixels.
        size: S, pixels.
        steps: Optimiser steps of the hiding, the same for all rows of a table.
        images: Secrets of a step of the hiding, a multiple of three for triplets.
        pretrain_steps: Of the secret classifier, where the run trains one.
        seed: Of everything that is drawn.
    """
    networks, data = recipe.networks, recipe.data
    joint = recipe.minimax.joint_steps >= recipe.phase.steps
    phase = PhaseSettings(steps=steps, validate_every=steps)
    batch = images // 3 if data.triplets else images
    hider, classifier = (OptimizerSettings("adamw", lr, weight_decay=0.01, **_COSINE) for lr in (1e-3, 5e-4))
    peer = recipe.peer
    if peer is not None:
        hider = replace(hider, second_beta=recipe.generator_optimizer.second_beta)
        peer = replace(peer, critic_arguments=_CRITICS.get(networks.generator.arguments["method"], {}))
    return replace(
        recipe,
        description=f"{recipe.description}; small: {size} px",
        networks=replace(
            networks,
            image_size=size,
            generator=_narrow(networks.generator, "unet", {"image_size": size, "width": _GENERATOR_WIDTH}),
            restorer=networks.restorer and _narrow(networks.restorer, "plain", {"width": _RESTORER_WIDTH}),
            # With dropout, as the paper's: without it f1 and f2, who start alike, would learn the same for ever.
            classifier=NetworkSpec("residue", {"image_size": size, "width": _CLASSIFIER_WIDTH, "dropout": 0.4}),
            secret_classifier=None,
        ),
        data=replace(data, batch=batch, cover_size=size),
        pretrain=_pretrain(recipe, pretrain_steps),
        minimax=replace(
            recipe.minimax,
            joint_steps=steps if joint else 0,
            pressure=_PRESSURE,
            stage_steps=max(1, steps // _STAGES),
        ),
        phase=phase,
        generator_optimizer=hider,
        classifier_optimizer=classifier,
        peer=peer,
        seed=seed,
    )


_COSINE: Mapping[str, Any] = {"schedule": "cosine", "warmup": 0.05, "clip_norm": 5.0}


def _pretrain(recipe: Recipe, steps: int) -> PretrainSettings:
    """Plain classification with a margin, every image equally often."""
    identity = replace(recipe.pretrain.identity, triplet=0.0, logit_margin=4.8)
    optimizer = OptimizerSettings("adamw", lr=2e-3, weight_decay=0.1, schedule="cosine", warmup=0.1)
    phase = PhaseSettings(steps=steps, batch=64, validate_every=max(1, steps // 7))
    return PretrainSettings(phase, identity, optimizer, triplets=False)


def _narrow(spec: NetworkSpec, kind: str, arguments: Mapping[str, Any]) -> NetworkSpec:
    """Return the paper's network, or the peer's, in narrow."""
    if spec.kind != "peer":
        return NetworkSpec(kind, arguments)
    method = spec.arguments["method"]
    return NetworkSpec("peer", {"method": method, **_PEERS[method]})
