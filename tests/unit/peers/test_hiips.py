import warnings

import pytest
import torch
import torch.nn.functional as F
from support.peers import count, on_paper, pair, small_peer
from torch import nn

from miais.peers import Passage
from miais.peers.hiips import METHOD, HIiPSGenerator, HIiPSRestorer, hiips


def test_parameters_of_each_network_are_as_many_as_stated():
    generator, restorer = on_paper(HIiPSGenerator), on_paper(HIiPSRestorer)
    assert count(generator.preparer) == 758_250
    assert count(generator.hider) == 1_133_703
    assert count(restorer) == 758_703


def test_loss_is_that_of_the_paper():
    zeros = torch.zeros(2, 3, 4, 4)
    loss = METHOD.native_loss(zeros, zeros, Passage(zeros + 0.1, zeros + 0.2))
    assert loss.item() == pytest.approx(0.01 + 0.75 * 0.04)


def test_convolutions_are_padded_to_the_same_size():
    generator = HIiPSGenerator(width=2)
    image = pair(1, 7, 6)[0]
    for layer, kernel in zip(generator.preparer.branches, (3, 4, 5), strict=True):
        padding, convolution, rectifier = layer[0]
        assert convolution.kernel_size == (kernel, kernel)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that an even kernel costs a copy
            wanted = F.conv2d(image, convolution.weight, convolution.bias, padding="same")
        torch.testing.assert_close(convolution(padding(image)), wanted)
        assert isinstance(rectifier, nn.ReLU)
        assert len(layer) == 4


def test_networks_see_normalised_images_and_answer_in_ours():
    normalisation = HIiPSRestorer(width=1).normalisation
    images = pair(1, 4, 4)[0]
    torch.testing.assert_close(normalisation.inverse(normalisation(images)), images)
    grey = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    assert not normalisation(grey).any()
    torch.testing.assert_close(normalisation(grey + 0.229)[0, 0], torch.ones(1, 1))


def test_noise_falls_on_the_container_in_training_alone():
    images = pair()
    quiet, noisy = (small_peer("hiips", noise=noise) for noise in (0.0, 0.2))
    with torch.no_grad():
        trained = [peer.train()(*images) for peer in (quiet, noisy)]
        used = [peer.eval()(*images) for peer in (quiet, noisy)]
    assert torch.equal(trained[0].container, trained[1].container)
    assert not torch.equal(trained[0].restored, trained[1].restored)
    assert torch.equal(used[0].restored, used[1].restored)


def test_the_noise_keeps_the_graph():
    """A public implementation adds it to a detached copy, and its restoration loss never trains the hiding side."""
    peer = small_peer("hiips", noise=0.2).train()
    peer(*pair()).restored.square().mean().backward()
    assert all(parameter.grad.any() for parameter in peer.generator.parameters() if parameter.dim() > 1)


@pytest.mark.parametrize(
    ("arguments", "message"), [({"width": 0}, "at least 1, got 0"), ({"noise": -1.0}, "noise of at least 0, got -1")]
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        hiips(**arguments)


def test_secrets_do_not_fade_on_their_way_through_fresh_layers():
    """With PyTorch's own weights the features had a fiftieth of the images' spread, and 500 steps hid nothing."""
    torch.manual_seed(0)
    preparer = HIiPSGenerator(width=16).preparer
    features = preparer(torch.randn(2, 3, 32, 32))
    assert features.std() > 0.5
