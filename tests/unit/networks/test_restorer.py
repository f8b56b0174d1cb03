from collections import Counter

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from miais.networks.restorer import Restorer


class OperatorCounter(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.counts[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))


def make_restorer(**arguments):
    torch.manual_seed(0)
    return Restorer(**{"width": 4, **arguments})


def make_container(height=16, width=16, batch=2):
    return torch.rand(batch, 3, height, width, generator=torch.Generator().manual_seed(1))


def test_default_is_table_ii():
    restorer = Restorer()
    layers = [module for module in restorer.modules() if not list(module.children())]
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [64, 128, 256, 128, 64, 3]
    assert [type(layer) for layer in layers] == [nn.Conv2d, *5 * [nn.BatchNorm2d, nn.ReLU, nn.Conv2d]]
    assert all(layer.kernel_size == (3, 3) and layer.bias is not None for layer in convolutions)
    assert sum(parameter.numel() for parameter in restorer.parameters()) == 742_659


@pytest.mark.parametrize(("height", "width"), [(16, 16), (33, 20), (64, 64)])
def test_restored_has_the_containers_shape_and_range(height, width):
    restored = make_restorer()(make_container(height, width))
    assert restored.shape == (2, 3, height, width)
    assert restored.min() >= 0
    assert restored.max() <= 1
    assert restored.std() > 0


@pytest.mark.parametrize("checkpoint", [False, True])
def test_every_parameter_gets_a_gradient(checkpoint):
    restorer = make_restorer(checkpoint=checkpoint)
    restorer(make_container()).square().mean().backward()
    assert all(parameter.grad is not None for parameter in restorer.parameters())
    # A bias before BatchNorm has no effect, so its gradient is nothing but rounding.
    assert all(parameter.grad.any() for name, parameter in restorer.named_parameters() if "bias" not in name)


@pytest.mark.parametrize("training", [True, False])
def test_checkpoint_changes_neither_values_nor_gradients_nor_statistics(training):
    outcomes = []
    for checkpoint in (False, True):
        restorer = make_restorer(checkpoint=checkpoint).train(training)
        container = make_container().requires_grad_()
        restored = restorer(container)
        restored.square().mean().backward()
        gradients = [parameter.grad for parameter in restorer.parameters()]
        outcomes.append([restored, container.grad, *gradients, *restorer.buffers()])
    assert len(outcomes[0]) == 2 + 22 + 15
    for plain, checkpointed in zip(*outcomes, strict=True):
        torch.testing.assert_close(checkpointed, plain, rtol=0, atol=0)


def test_checkpoint_computes_the_norms_again_but_no_convolution():
    operators = ("native_batch_norm", "convolution", "convolution_backward")
    counted = {}
    for checkpoint in (False, True):
        restored = make_restorer(checkpoint=checkpoint)(make_container())
        with OperatorCounter() as counter:
            restored.mean().backward()
        counted[checkpoint] = [counter.counts[name] for name in operators]
    assert counted == {False: [0, 0, 6], True: [5, 0, 6]}


def test_input_is_left_as_it_was():
    container = make_container()
    before = container.clone()
    make_restorer()(container)
    assert torch.equal(container, before)


def test_eval_is_deterministic_and_treats_each_image_alone():
    restorer = make_restorer().eval()
    container = make_container()
    with torch.no_grad():
        restored = restorer(container)
        assert torch.equal(restored, restorer(container))
        torch.testing.assert_close(restored[:1], restorer(container[:1]))


def test_gradients_are_right():
    restorer = make_restorer(width=2).double()
    container = make_container(6, 6).double().requires_grad_()
    assert torch.autograd.gradcheck(restorer.eval(), (container,), fast_mode=True)


def test_restored_keeps_the_containers_precision_under_autocast():
    with torch.autocast("cpu", torch.bfloat16):
        restored = make_restorer()(make_container())
    assert restored.dtype == torch.float32


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="width"):
        Restorer(width=0)
    with pytest.raises(ValueError, match=r"\(N, 3, H, W\), got \(3, 16, 16\)"):
        make_restorer()(make_container()[0])
