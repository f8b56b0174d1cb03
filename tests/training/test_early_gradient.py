import pytest
import torch

from miais.training.early_gradient import early_gradient


def term_of(image, weight):
    return (image.tanh() * weight).square().sum()


def inputs():
    random = torch.Generator().manual_seed(0)
    return [torch.rand(2, 3, generator=random, dtype=torch.float64, requires_grad=True) for _ in range(2)]


def test_value_and_weighted_gradient_are_those_of_the_term():
    image, weight = inputs()
    plain = term_of(image, weight)
    expected = torch.autograd.grad(-0.3 * plain, [image, weight])
    early = early_gradient(lambda seen: term_of(seen, weight), image, [weight])
    assert early == plain
    (-0.3 * early).backward()
    torch.testing.assert_close([image.grad, weight.grad], list(expected), rtol=1e-14, atol=0)


def test_gradient_flows_on_to_what_made_the_images():
    image, weight = inputs()
    expected = torch.autograd.grad(2 * term_of(image.exp(), weight), image)[0]
    (2 * early_gradient(lambda seen: term_of(seen, weight), image.exp())).backward()
    torch.testing.assert_close(image.grad, expected, rtol=1e-14, atol=0)
    assert weight.grad is None  # it was not named


def test_weights_that_made_the_images_and_look_at_them_too_get_both_gradients_once():
    """A restorer that ran its generator's weights had the way through the generator counted twice, or not at all."""
    image, weight = inputs()
    expected = torch.autograd.grad(term_of(image * weight, weight), weight)[0]
    early_gradient(lambda seen: term_of(seen, weight), image * weight, [weight]).backward()
    torch.testing.assert_close(weight.grad, expected, rtol=1e-14, atol=0)


def test_parameters_learn_from_images_that_nothing_moves():
    image, weight = inputs()
    expected = torch.autograd.grad(term_of(image, weight), weight)[0]
    early_gradient(lambda seen: term_of(seen, weight), image.detach(), [weight]).backward()
    assert torch.equal(weight.grad, expected)
    assert image.grad is None


def test_graph_is_free_at_once():
    image, weight = inputs()
    terms = []

    def kept(seen):
        terms.append(term_of(seen, weight))
        return terms[0]

    early_gradient(kept, image)
    with pytest.raises(RuntimeError, match="second time"):
        terms[0].backward()


def test_term_is_left_alone_where_no_gradient_is_wanted():
    image, weight = inputs()
    with torch.no_grad():
        assert not early_gradient(lambda seen: term_of(seen, weight), image).requires_grad
    assert early_gradient(lambda seen: term_of(seen, weight.detach()), image.detach()) == term_of(image, weight)


def test_nothing_is_added_to_the_gradients_before_the_backward_pass():
    """A step whose loss is not usable has no backward pass; it must leave no trace."""
    image, weight = inputs()
    early_gradient(lambda seen: term_of(seen, weight), image, [weight])
    assert image.grad is None
    assert weight.grad is None
