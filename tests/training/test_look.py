import pytest
import torch
from torch import nn

from miais.networks.residue_classifier import ResidueClassifier
from miais.training.look import look


@pytest.fixture(scope="module")
def classifier():
    torch.manual_seed(0)
    return ResidueClassifier(5, image_size=32, width=8, embedding_dim=16).eval()


def make_images():
    return torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def test_the_maps_are_what_the_layers_give_in_the_order_of_the_names(classifier):
    images = make_images()
    answer, maps = look(classifier, images, ("trunk.2", "front"))
    assert torch.equal(maps[1], classifier.front(images))
    assert torch.equal(maps[0], classifier.trunk[:3](classifier.front(images)))
    assert torch.equal(answer.embedding, classifier(images).embedding)


def test_without_layers_it_is_a_plain_call(classifier):
    assert look(classifier, make_images()).maps == []


def test_gradients_flow_through_the_maps(classifier):
    images = make_images().requires_grad_()
    look(classifier, images, ["trunk.0"]).maps[0].sum().backward()
    assert images.grad.any()


def test_no_hook_stays_behind_even_after_an_error(classifier):
    with pytest.raises(ValueError, match="expected images of shape"):
        look(classifier, torch.rand(1, 3, 8, 8), ["trunk.0"])
    look(classifier, make_images(), ["trunk.0"])
    assert not any(module._forward_hooks for module in classifier.modules() if isinstance(module, nn.Module))


def test_an_unknown_layer_is_an_error_that_names_known_ones(classifier):
    with pytest.raises(ValueError, match=r"trunk\.0.*got trunk\.99"):
        look(classifier, make_images(), ["trunk.99"])
