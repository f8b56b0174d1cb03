"""A loss term whose gradient is taken at once, so that one network's features are gone before the next network runs."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def early_gradient(term: Tensor, inputs: Iterable[Tensor]) -> Tensor:
    """Take the gradient of a term now and free all that its backward pass needs.

    The term that comes back has the same value and, multiplied by whatever weight becomes known later, the same
    gradient. A step then needs memory for the largest of its networks instead of for all of them together.

    Args:
        term: Scalar.
        inputs: All that it shall be differentiated by: the images that a network saw, and parameters that move.

    Returns:
        Scalar; the term itself where no gradient is wanted. Second derivatives are refused.

    Example:
        >>> image = torch.tensor([1.0, 2.0], requires_grad=True)
        >>> (10 * early_gradient(image.square().sum(), [image])).backward()
        >>> image.grad
        tensor([20., 40.])
    """
    wanted = [tensor for tensor in inputs if tensor.requires_grad]
    if not (torch.is_grad_enabled() and term.requires_grad and wanted):
        return term
    with torch.autocast(term.device.type, enabled=False):
        gradients = torch.autograd.grad(term, wanted)
    return _Known.apply(term.detach(), gradients, *wanted)


class _Known(torch.autograd.Function):
    """A value and its gradients by the inputs."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, gradients: tuple[Tensor, ...], *inputs: Tensor) -> Tensor:
        ctx.save_for_backward(*gradients)
        return value.clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, weight: Tensor) -> tuple[Tensor | None, ...]:
        return None, None, *(weight * gradient for gradient in ctx.saved_tensors)
