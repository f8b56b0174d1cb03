import math

import pytest
import torch

from miais.losses import content_loss


@pytest.fixture
def embeddings():
    return torch.randn(2, 5, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_norm_is_the_mean_euclidean_distance(embeddings):
    container, secret = embeddings.tolist()
    distances = [math.dist(*pair) for pair in zip(container, secret, strict=True)]
    assert content_loss(*embeddings).item() == pytest.approx(sum(distances) / 5, rel=1e-9)


def test_mse_is_the_mean_over_components(embeddings):
    container, secret = embeddings.flatten(1).tolist()
    squares = [(a - b) ** 2 for a, b in zip(container, secret, strict=True)]
    assert content_loss(*embeddings, distance="mse").item() == pytest.approx(sum(squares) / 35, rel=1e-9)


def test_opposite_embeddings_reach_the_official_maximum():
    embedding = torch.zeros(1, 128)
    embedding[0, 3] = 10
    assert content_loss(embedding, -embedding, distance="mse").item() == pytest.approx(3.125)
    assert content_loss(embedding, -embedding).item() == pytest.approx(20)


@pytest.mark.parametrize("distance", ["norm", "mse"])
def test_equal_embeddings_cost_nothing_and_have_a_finite_gradient(distance):
    container = torch.ones(2, 4, requires_grad=True)
    loss = content_loss(container, torch.ones(2, 4), distance=distance)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-5)
    assert torch.equal(container.grad, torch.zeros(2, 4))


@pytest.mark.parametrize("distance", ["norm", "mse"])
def test_gradients_are_right(embeddings, distance):
    container, secret = (embedding.clone().requires_grad_() for embedding in embeddings)
    assert torch.autograd.gradcheck(lambda *pair: content_loss(*pair, distance=distance), (container, secret))


def test_bad_arguments_are_refused(embeddings):
    with pytest.raises(ValueError, match=r"one shape, got \(5, 7\) and \(4, 7\)"):
        content_loss(embeddings[0], embeddings[1, :4])
    with pytest.raises(ValueError, match="'norm' or 'mse', got 'cosine'"):
        content_loss(*embeddings, distance="cosine")
