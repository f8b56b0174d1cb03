"""The authors' released code: its weights, schedule and quirks, on the paper's networks at 256 px.

Its random-number slips (the last cover never drawn, the cropout width) are not reproduced. Every choice is listed in
docs/paper-and-code.md.
"""

from dataclasses import replace

from miais.networks.spec import NetworkSpec
from miais.recipes.paper import EPOCH_TRIPLETS, paper_single
from miais.training.objective_settings import (
    ClassifierWeights,
    GeneratorWeights,
    IdentitySettings,
    LossSettings,
    MinimaxSettings,
)
from miais.training.settings import OptimizerSettings, PhaseSettings, PretrainSettings, Recipe, TransitSettings

EPOCHS = 150
_JOINT_EPOCHS = 50


def official_single() -> Recipe:
    """The released single-task script."""
    base = paper_single()
    batch = 16
    steps_per_epoch = EPOCH_TRIPLETS // batch
    identity = IdentitySettings(cross_entropy=0.1, triplet=2.0, cross_entropy_roles="pair")
    # 0.5 * [5 b1 D + w b2 L_H + 2 b3 L_c + 0.1 b4 (L1 + L2)], w = 130 above the threshold and 10 below it.
    within = GeneratorWeights(visual=5.0, content=1.0, identity=0.05, discrepancy=2.5, restoration=0.0, adaptive=True)
    minimax = MinimaxSettings(
        losses=LossSettings(
            identity=identity,
            ms_ssim="miais",
            visual_mse=1.0,
            visual_on="arrived",
            content_distance="mse",
            content_roles="ends",
            discrepancy_on="softmax",
            discrepancy_roles="pair",
        ),
        # 0.5 * [10 a1 (L1 + L2) - a2 D]
        stage_a=ClassifierWeights(identity=5.0, discrepancy=0.5, adaptive=True),
        stage_b=within,
        stage_b_above=replace(within, visual=65.0),
        hiding_threshold=0.005,
        above_at_start=False,
        joint=_JOINT,
        joint_losses=_JOINT_LOSSES,
        joint_steps=_JOINT_EPOCHS * steps_per_epoch,
        stage_steps=steps_per_epoch,
        first_stage="B",
        fixed="train",
    )
    return replace(
        base,
        name="official_single",
        description="the authors' released code, recognition only, 256 px",
        pretrain=_PRETRAIN,
        minimax=minimax,
        transit=TransitSettings(distortions="official"),
        phase=PhaseSettings(steps=(_JOINT_EPOCHS + EPOCHS) * steps_per_epoch, validate_every=5 * steps_per_epoch),
        generator_optimizer=OptimizerSettings("sgd", lr=5e-4),
        classifier_optimizer=OptimizerSettings("sgd", lr=1e-3),
    )


def official_multi() -> Recipe:
    """The released multitask script; gradients of 8 batches are summed, not averaged, as there."""
    single = official_single()
    batch, accumulate = 4, 8
    steps_per_epoch = EPOCH_TRIPLETS // batch // accumulate
    identity = replace(single.minimax.losses.identity, cross_entropy=1.0)
    # 15 b1 D + 50 (b2 L_H + 0.75 b3 L_R) + 0.1 b4 L_c above the threshold, without the factor 50 below it.
    within = GeneratorWeights(visual=1.0, content=0.1, identity=0.0, discrepancy=15.0, restoration=0.75, adaptive=True)
    minimax = replace(
        single.minimax,
        losses=replace(single.minimax.losses, identity=identity, visual_mse=0.0, visual_on="sent", content_roles="all"),
        # 15 a1 (L1 + L2) - 1.5 a2 D
        stage_a=ClassifierWeights(identity=15.0, discrepancy=1.5, adaptive=True),
        stage_b=replace(within, restoration=1.0),
        stage_b_above=replace(within, visual=50.0, restoration=37.5),
        hiding_threshold=0.001,
        above_at_start=True,
        joint_steps=_JOINT_EPOCHS * steps_per_epoch,
        stage_steps=steps_per_epoch,
    )
    return replace(
        single,
        name="official_multi",
        description="the authors' released code, recognition and restoration, 256 px",
        networks=replace(single.networks, restorer=NetworkSpec("plain")),
        data=replace(single.data, batch=batch),
        minimax=minimax,
        transit=TransitSettings(),
        phase=PhaseSettings(
            steps=(_JOINT_EPOCHS + EPOCHS) * steps_per_epoch,
            accumulate=accumulate,
            validate_every=5 * steps_per_epoch,
        ),
        generator_optimizer=OptimizerSettings("sgd", lr=1e-4),
        classifier_optimizer=OptimizerSettings("sgd", lr=1e-5),
    )


# CE + 2 Trip + 3 (L_H + 0.75 L_R) + 0.1 sum of L_c over three roles
_JOINT = GeneratorWeights(visual=3.0, content=0.3, identity=1.0, discrepancy=0.0, restoration=2.25, adaptive=False)
_JOINT_LOSSES = LossSettings(IdentitySettings(cross_entropy=1.0, triplet=2.0), ms_ssim="miais", content_distance="mse")
# 0.01 CE + 2 Trip, Adam, 48 triplets
_PRETRAIN = PretrainSettings(
    PhaseSettings(steps=150 * 5000 // 48, batch=48, validate_every=208),
    IdentitySettings(cross_entropy=0.01, triplet=2.0),
    OptimizerSettings("adam", lr=1e-4, weight_decay=0.0),
)
