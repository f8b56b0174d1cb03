"""The numbers of the authors' released code, as in its scripts.

What the losses make of them: tests/training/test_stage_losses.py.
"""

import pytest

from miais.recipes import get_recipe

SINGLE, MULTI = get_recipe("official_single"), get_recipe("official_multi")
BOTH = pytest.mark.parametrize("recipe", [SINGLE, MULTI], ids=["single", "multi"])


def coefficients(weights, *names):
    assert weights.adaptive
    assert weights.distillation == 0
    return tuple(getattr(weights, name) for name in names)


def test_single_task_coefficients():
    settings = SINGLE.minimax
    # 0.5 * [10 a1 (L1 + L2) - a2 D]
    assert coefficients(settings.stage_a, "identity", "discrepancy") == (0.5 * 10, 0.5 * 1)
    # 0.5 * [5 b1 D + w b2 L_H + 2 b3 L_c + 0.1 b4 (L1 + L2)]
    names = ("discrepancy", "visual", "content", "identity", "restoration")
    assert coefficients(settings.stage_b, *names) == (0.5 * 5, 0.5 * 10, 0.5 * 2, 0.5 * 0.1, 0)
    assert coefficients(settings.stage_b_above, *names) == (0.5 * 5, 0.5 * 130, 0.5 * 2, 0.5 * 0.1, 0)
    assert settings.hiding_threshold == 0.005
    assert not settings.above_at_start  # the mean starts at 0


def test_multitask_coefficients():
    settings = MULTI.minimax
    # 15 a1 (L1 + L2) - 1.5 a2 D
    assert coefficients(settings.stage_a, "identity", "discrepancy") == (15, 1.5)
    # Above: 15 b1 D + 50 (b2 L_H + 0.75 b3 L_R) + 0.1 b4 L_c; below: 15 b1 D + b2 L_H + b3 L_R + 0.1 b4 L_c
    names = ("discrepancy", "visual", "restoration", "content", "identity")
    assert coefficients(settings.stage_b, *names) == (15, 1, 1, 0.1, 0)
    assert coefficients(settings.stage_b_above, *names) == (15, 50, 50 * 0.75, 0.1, 0)
    assert settings.hiding_threshold == 0.001
    assert settings.above_at_start  # a mean that is missing counts as above


@BOTH
def test_joint_coefficients(recipe):
    joint = recipe.minimax.joint
    # CE + 2 Trip + 3 (L_H + 0.75 L_R) + 0.1 * the sum over three roles of L_c
    assert (joint.identity, joint.visual, joint.discrepancy) == (1, 3, 0)
    assert joint.content == pytest.approx(0.1 * 3)
    assert joint.restoration == 3 * 0.75
    assert not joint.adaptive
    losses = recipe.minimax.joint_losses
    assert (losses.identity.cross_entropy, losses.identity.triplet) == (1, 2)
    assert losses.identity.cross_entropy_roles == losses.content_roles == "all"
    assert losses.visual_mse == 0


@pytest.mark.parametrize(("recipe", "cross_entropy"), [(SINGLE, 0.1), (MULTI, 1.0)], ids=["single", "multi"])
def test_recognition_loss(recipe, cross_entropy):
    identity = recipe.minimax.losses.identity
    assert (identity.cross_entropy, identity.triplet, identity.triplet_margin) == (cross_entropy, 2, 1.2)
    assert (identity.cross_entropy_roles, identity.triplet_roles, identity.logit_margin) == ("pair", "anchor", 0)


@BOTH
def test_how_terms_are_computed(recipe):
    losses = recipe.minimax.losses
    assert (losses.ms_ssim, losses.content_distance) == ("miais", "mse")
    assert (losses.discrepancy_on, losses.discrepancy_roles) == ("softmax", "pair")
    single = recipe is SINGLE
    # Single-task Stage B: L_H with the mean squared error, on distorted containers; L_c of anchors and negatives.
    assert losses.visual_mse == (1 if single else 0)
    assert losses.visual_on == ("arrived" if single else "sent")
    assert losses.content_roles == ("ends" if single else "all")
    assert recipe.transit.distortions == ("official" if single else "none")
    assert recipe.transit.psnr_db is None
    assert not recipe.transit.quantize


@pytest.mark.parametrize(
    ("recipe", "triplets", "batches", "rates"),
    [(SINGLE, 16, 1, (5e-4, 1e-3)), (MULTI, 4, 8, (1e-4, 1e-5))],
    ids=["single", "multi"],
)
def test_schedule(recipe, triplets, batches, rates):
    settings = recipe.minimax
    assert (settings.first_stage, settings.fixed, settings.heads_apart) == ("B", "train", 0)
    assert (recipe.data.batch, recipe.phase.accumulate) == (triplets, batches)
    # 2,000 triplets; of the multitask script's 500 batches the last 4 are dropped.
    assert settings.stage_steps == {16: 125, 4: 62}[triplets]
    assert (recipe.phase.steps - settings.joint_steps) / settings.stage_steps == 150
    movers = recipe.generator_optimizer, recipe.classifier_optimizer
    assert tuple(mover.lr for mover in movers) == rates
    for mover in movers:
        assert (mover.name, mover.momentum, mover.weight_decay) == ("sgd", 0.9, 5e-4)
        assert (mover.schedule, mover.clip_norm) == ("constant", 0)


@BOTH
def test_pretraining_of_the_secret_classifier(recipe):
    pretrain = recipe.pretrain
    assert (pretrain.identity.cross_entropy, pretrain.identity.triplet) == (0.01, 2)
    assert pretrain.identity.cross_entropy_roles == "all"
    assert (pretrain.optimizer.name, pretrain.optimizer.lr, pretrain.phase.batch) == ("adam", 1e-4, 48)
    assert pretrain.triplets
