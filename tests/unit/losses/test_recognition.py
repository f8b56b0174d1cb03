import math

import pytest
import torch
from pytorch_metric_learning.losses import CosFaceLoss, TripletMarginLoss

from miais.losses import cross_entropy_loss, triplet_loss


@pytest.fixture
def logits():
    return torch.randn(4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.fixture
def embeddings():
    """Four anchors, four positives, four negatives."""
    return torch.randn(12, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


LABELS = torch.tensor([4, 0, 0, 2])


@pytest.mark.parametrize("margin", [0.0, 1.5])
def test_cross_entropy_with_margin_agrees_with_a_naive_one(logits, margin):
    losses = []
    for row, label in zip(logits.tolist(), LABELS.tolist(), strict=True):
        row[label] -= margin
        losses.append(math.log(sum(math.exp(value) for value in row)) - row[label])
    assert cross_entropy_loss(logits, LABELS, margin=margin).item() == pytest.approx(sum(losses) / 4, rel=1e-9)


def test_a_margin_of_cosine_logits_is_pytorch_metric_learnings_cosface(embeddings):
    scale, margin = 32.0, 0.15
    library = CosFaceLoss(num_classes=5, embedding_size=3, margin=margin, scale=scale)
    weights = torch.nn.functional.normalize(library.W.detach().double(), dim=0)  # (3, K)
    library.W.data = library.W.data.double()
    labels = torch.tensor([4, 0, 0, 2, 1, 3, 3, 0, 4, 2, 1, 1])
    logits = scale * torch.nn.functional.normalize(embeddings) @ weights
    ours = cross_entropy_loss(logits, labels, margin=margin * scale)
    assert ours.item() == pytest.approx(library(embeddings, labels).item(), rel=1e-6)


def test_triplets_are_pytorch_metric_learnings(embeddings):
    library = TripletMarginLoss(margin=1.2)
    library.distance.normalize_embeddings = False
    indices = tuple(torch.arange(start, start + 4) for start in (0, 4, 8))
    # Theirs is the mean over the triplets that are not yet apart, ours over all.
    anchor, positive, negative = embeddings.chunk(3)
    gaps = (anchor - positive).norm(dim=1) - (anchor - negative).norm(dim=1) + 1.2
    share = (gaps > 0).double().mean().item()
    assert share > 0
    theirs = library(embeddings, torch.arange(12), indices_tuple=indices).item()
    assert triplet_loss(embeddings, margin=1.2).item() == pytest.approx(theirs * share, rel=1e-5)


def test_cross_entropy_of_equal_logits_is_log_k():
    assert cross_entropy_loss(torch.ones(3, 1662), torch.tensor([0, 7, 1661])).item() == pytest.approx(math.log(1662))


def test_cross_entropy_leaves_the_logits_as_they_were(logits):
    before = logits.clone()
    cross_entropy_loss(logits, LABELS, margin=1.0)
    assert torch.equal(logits, before)


@pytest.mark.parametrize("margin", [0.0, 1.5])
def test_cross_entropy_gradients_are_right(logits, margin):
    logits.requires_grad_()
    assert torch.autograd.gradcheck(lambda logits: cross_entropy_loss(logits, LABELS, margin=margin), (logits,))


def naive_triplet_loss(anchors, positives, negatives, margin):
    triplets = list(zip(anchors, positives, negatives, strict=True))
    return sum(max(0, margin + math.dist(a, p) - math.dist(a, n)) for a, p, n in triplets) / len(triplets)


@pytest.mark.parametrize("margin", [0.2, 1.2, 3.0])
def test_triplet_loss_agrees_with_a_naive_one_in_both_roles(embeddings, margin):
    rows = embeddings.tolist()
    anchors, positives, negatives = rows[:4], rows[4:8], rows[8:]
    by_anchor = naive_triplet_loss(anchors, positives, negatives, margin)
    by_positive = naive_triplet_loss(positives, anchors, negatives, margin)
    assert by_anchor > 0
    assert by_anchor != by_positive
    # torch adds 1e-6 to every difference of components.
    assert triplet_loss(embeddings, margin=margin).item() == pytest.approx(by_anchor, abs=1e-5)
    both = triplet_loss(embeddings, margin=margin, roles="both").item()
    assert both == pytest.approx((by_anchor + by_positive) / 2, abs=1e-5)


def test_triplet_distances_are_not_squared():
    points = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
    assert triplet_loss(points).item() == pytest.approx(1.2 + 5 - 2, abs=1e-5)


def test_triplet_loss_is_zero_once_every_negative_is_farther_by_the_margin():
    points = torch.tensor([[0.0], [1.0], [2.3]])
    assert triplet_loss(points, margin=1.2).item() == 0
    assert triplet_loss(points, margin=1.2, roles="both").item() == pytest.approx((0 + 1.2 + 1 - 1.3) / 2, abs=1e-5)


@pytest.mark.parametrize("roles", ["anchor", "both"])
def test_triplet_gradient_is_finite_where_embeddings_coincide(roles):
    embeddings = torch.ones(6, 4, requires_grad=True)
    triplet_loss(embeddings, roles=roles).backward()
    assert embeddings.grad.isfinite().all()
    assert embeddings.grad.norm(dim=1).max() <= 1


@pytest.mark.parametrize("roles", ["anchor", "both"])
def test_triplet_gradients_are_right(embeddings, roles):
    embeddings.requires_grad_()
    assert torch.autograd.gradcheck(lambda points: triplet_loss(points, margin=3.0, roles=roles), (embeddings,))


def test_bad_triplets_are_refused(embeddings):
    with pytest.raises(ValueError, match="multiple of three rows, got 11 rows"):
        triplet_loss(embeddings[:11])
    with pytest.raises(ValueError, match="'anchor' or 'both', got 'all'"):
        triplet_loss(embeddings, roles="all")
