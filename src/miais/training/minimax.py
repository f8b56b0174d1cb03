"""Algorithm 1 of the paper: two steg-classifiers against one steg-generator, by turns.

Notation of the paper's Table I: h generator, f1 and f2 steg-classifiers, r restorer, v the frozen feature extractor
pre-trained on plain secrets (θ*_v). One implementation serves single-task (no r) and multitask, every preset, and the
four rows of Table III; they differ in `MinimaxSettings` alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from miais.image import resize
from miais.losses import (
    content_loss,
    cross_entropy_loss,
    discrepancy_loss,
    hint_loss,
    restoration_loss,
    triplet_loss,
    visual_similarity_loss,
)
from miais.networks.recognition import Recognition
from miais.training.early_gradient import early_gradient
from miais.training.look import Look, look
from miais.training.minimax_networks import MinimaxNetworks, Stage
from miais.training.objective_settings import (
    ClassifierWeights,
    GeneratorWeights,
    IdentitySettings,
    LossSettings,
    MinimaxSettings,
    Roles,
)
from miais.training.transit import Passage, Sample


class StageLoss(NamedTuple):
    """What a stage minimises, and its terms before weighting."""

    total: Tensor
    terms: dict[str, Tensor]


def stage_at(step: int, settings: MinimaxSettings) -> Stage:
    """Return the stage of a step, Algorithm 1 lines 2 and 7; steps of the joint objective come first."""
    step -= settings.joint_steps
    if step < 0:
        return "joint"
    starts_with_a = settings.first_stage == "A"
    return "A" if (step // settings.stage_steps % 2 == 0) == starts_with_a else "B"


def stage_a(networks: MinimaxNetworks, passage: Passage, sample: Sample, settings: MinimaxSettings) -> StageLoss:
    """Stage A, Eq. 12: with h fixed, f1 and f2 classify the containers and disagree as much as they can."""
    losses = settings.losses
    layers = losses.hint_layers if settings.stage_a.hints else ()
    looks = [look(f, passage.seen, layers) for f in networks.classifiers]  # Eq. 2
    answers = [answer for answer, _ in looks]
    terms = {
        "identity": _sum(identity_loss(answer, sample.labels, losses.identity) for answer in answers),  # Eqs. 6, 7
        "discrepancy": _discrepancy(answers, losses),
    }
    if settings.stage_a.distillation or settings.stage_a.hints:
        terms.update(_distillation(looks, _look_at_secrets(networks, sample, layers), settings.stage_a, losses))
    # Eq. 12: L_id(f1, h) + L_id(f2, h) - L_dis(f1, f2)
    return StageLoss(_weighted(terms, settings.stage_a, subtract="discrepancy"), terms)


def stage_b(
    networks: MinimaxNetworks, passage: Passage, sample: Sample, settings: MinimaxSettings, weights: GeneratorWeights
) -> StageLoss:
    """Stage B, Eq. 13 or, with a restorer, Eq. 14: with f1 and f2 fixed, h (and r) hide so that both agree."""
    return _hiding_loss(networks, list(networks.classifiers), passage, sample, settings.losses, weights)


def joint_stage(networks: MinimaxNetworks, passage: Passage, sample: Sample, settings: MinimaxSettings) -> StageLoss:
    """The joint objective, Eq. 9 or, with a restorer, Eq. 10: h, f1 (and r) minimise one sum together."""
    losses = settings.joint_losses or settings.losses
    return _hiding_loss(networks, [networks.classifiers[0]], passage, sample, losses, settings.joint)


def _hiding_loss(
    networks: MinimaxNetworks,
    classifiers: list[nn.Module],
    passage: Passage,
    sample: Sample,
    losses: LossSettings,
    weights: GeneratorWeights,
) -> StageLoss:
    terms = {}
    if (restorer := networks.restorer) is not None:  # first, while the others take no memory: it needs the most
        terms["restoration"] = early_gradient(
            lambda seen: restoration_loss(
                restorer(seen).float(), sample.secrets, variant=losses.ms_ssim, mse_weight=losses.restoration_mse
            ),  # Eqs. 3, 8
            passage.seen,
            restorer.parameters(),
        )
    containers = passage.containers if losses.visual_on == "sent" else passage.arrived
    with torch.set_grad_enabled(weights.visual > 0 and torch.is_grad_enabled()):
        terms["visual"] = visual_similarity_loss(
            containers, passage.covers, variant=losses.ms_ssim, mse_weight=losses.visual_mse
        )  # Eq. 4
    layers = losses.hint_layers if weights.hints else ()
    needs_secrets = weights.content or weights.distillation or weights.hints
    plain = _look_at_secrets(networks, sample, layers) if needs_secrets else None
    if plain is not None and weights.content:
        plain_vectors = plain.answer.embedding

        def content_of(seen: Tensor) -> Tensor:
            small = resize(seen, (sample.secrets.shape[-2], sample.secrets.shape[-1]))
            hidden = networks.secret_classifier(small).embedding  # v(x^h; θ*_v)
            pair = (_of_roles(vectors, losses.content_roles) for vectors in (hidden, plain_vectors))
            return content_loss(*pair, distance=losses.content_distance)  # Eq. 5

        terms["content"] = early_gradient(content_of, passage.seen)
    looks = [look(f, passage.seen, layers) for f in classifiers]  # Eq. 2
    answers = [answer for answer, _ in looks]
    if weights.identity:
        terms["identity"] = _sum(identity_loss(answer, sample.labels, losses.identity) for answer in answers)
    if plain is not None:
        terms.update(_distillation(looks, plain, weights, losses))
    if len(answers) == 2 and weights.discrepancy:
        terms["discrepancy"] = _discrepancy(answers, losses)
    # Eq. 13: L_vis + L_id(f1, h) + L_id(f2, h) + L_cont + L_dis(f1, f2); Eq. 14 adds L_res
    return StageLoss(_weighted(terms, weights), terms)


def identity_loss(answer: Recognition, labels: Tensor, settings: IdentitySettings) -> Tensor:
    """L_id of section III-B2: L_ce of Eq. 6 plus α times L_trip of Eq. 7.

    Args:
        answer: A classifier's answer for M images; with the triplet loss, stacked anchors, positives, negatives.
        labels: Identities, shape (M,).
        settings: Weights and margins.

    Returns:
        Scalar.
    """
    loss = answer.logits.new_zeros(())
    if settings.cross_entropy:
        logits, who = (_of_roles(rows, settings.cross_entropy_roles) for rows in (answer.logits, labels))
        loss = settings.cross_entropy * cross_entropy_loss(logits.float(), who, margin=settings.logit_margin)
    if settings.triplet:
        loss = loss + settings.triplet * triplet_loss(
            answer.embedding.float(), margin=settings.triplet_margin, roles=settings.triplet_roles
        )
    return loss


def _look_at_secrets(networks: MinimaxNetworks, sample: Sample, layers: Sequence[str]) -> Look:
    with torch.no_grad():
        return look(networks.secret_classifier, sample.secrets, layers)  # v(x^s; θ*_v)


def _discrepancy(answers: list[Recognition], losses: LossSettings) -> Tensor:
    first, second = (_of_roles(answer.logits, losses.discrepancy_roles) for answer in answers)
    return discrepancy_loss(first, second, on=losses.discrepancy_on)  # Eq. 11


def _of_roles(rows: Tensor, roles: Roles) -> Tensor:
    """Take the rows of some roles out of stacked anchors, positives and negatives."""
    if roles == "all":
        return rows
    anchors, positives, negatives = rows.chunk(3)
    return torch.cat([positives if roles == "pair" else anchors, negatives])


def _distillation(
    looks: list[Look], plain: Look, weights: ClassifierWeights | GeneratorWeights, losses: LossSettings
) -> dict[str, Tensor]:
    """What draws f(container) to v(secret): embeddings by the formula of Eq. 5, and inner maps."""
    terms, distance = {}, losses.content_distance
    if weights.distillation:
        features = plain.answer.embedding
        terms["distillation"] = _sum(content_loss(answer.embedding, features, distance=distance) for answer, _ in looks)
    if weights.hints:
        terms["hints"] = _sum(hint_loss(maps, plain.maps) for _, maps in looks)
    return terms


def _sum(values: Iterable[Tensor]) -> Tensor:
    return torch.stack(list(values)).sum()


def _weighted(
    terms: Mapping[str, Tensor], weights: ClassifierWeights | GeneratorWeights, subtract: str | None = None
) -> Tensor:
    """Add the terms up, each with its coefficient and, where asked for, its adaptive weight (T - own) / T."""
    whole = sum(float(term.detach()) for term in terms.values())
    total = next(iter(terms.values())).new_zeros(())
    for name, term in terms.items():
        coefficient = float(getattr(weights, name))
        if weights.adaptive and whole:
            coefficient *= (whole - float(term.detach())) / whole
        total = total + (-coefficient if name == subtract else coefficient) * term
    return total
