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


def test_every_parameter_gets_a_gradient():
    restorer = make_restorer()
    restorer(make_container()).square().mean().backward()
    assert all(parameter.grad is not None for parameter in restorer.parameters())
    # A bias before BatchNorm has no effect, so its gradient is nothing but rounding.
    assert all(parameter.grad.any() for name, parameter in restorer.named_parameters() if "bias" not in name)


def layer_by_layer(restorer, container):
    """What the restorer says of itself, with every layer's own forward and backward pass."""
    features = restorer.first(container)
    for stage in restorer.stages:
        features = stage(features)
    return features.sigmoid()


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("training", [True, False])
def test_values_gradients_and_statistics_are_those_of_the_layers(training, layout):
    outcomes = []
    for restore in (Restorer.__call__, layer_by_layer):
        restorer = make_restorer().double().train(training).to(memory_format=layout)
        container = make_container(9, 12, batch=3).double().to(memory_format=layout).requires_grad_()
        restored = restore(restorer, container)
        (restored * torch.linspace(0, 1, 12)).mean().backward()
        gradients = [parameter.grad for parameter in restorer.parameters()]
        outcomes.append([restored, container.grad, *gradients, *restorer.buffers()])
    assert len(outcomes[0]) == 2 + 22 + 15
    for sparing, plain in zip(*outcomes, strict=True):
        torch.testing.assert_close(sparing, plain, rtol=1e-10, atol=1e-14)


def test_training_keeps_one_map_a_stage():
    kept = {}

    def keep(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    restorer, container = make_restorer(width=8), make_container(64, 64)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        restorer(container)
    channels = 3 + 8 + 16 + 32 + 16 + 8 + 3  # in, five maps, out
    parameters = 4 * sum(parameter.numel() for parameter in restorer.parameters())
    assert sum(kept.values()) < 4 * channels * 2 * 64 * 64 + 2 * parameters


def test_backward_computes_no_convolution_again():
    restored = make_restorer()(make_container(batch=2))
    with OperatorCounter() as counter:
        restored.mean().backward()
    assert counter.counts["convolution"] == 0
    assert counter.counts["convolution_backward"] == 1 + 5 * 2  # the stages go image by image


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
    assert torch.autograd.gradcheck(restorer.train(), (container,), fast_mode=True)


def test_restored_keeps_the_containers_precision_under_autocast():
    restorer = make_restorer()
    with torch.autocast("cpu", torch.bfloat16):
        restored = restorer(make_container())
    assert restored.dtype == torch.float32
    restored.square().mean().backward()
    assert all(parameter.grad.dtype == torch.float32 for parameter in restorer.parameters())


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="width"):
        Restorer(width=0)
    with pytest.raises(ValueError, match=r"\(N, 3, H, W\), got \(3, 16, 16\)"):
        make_restorer()(make_container()[0])
