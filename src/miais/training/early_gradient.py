"""A loss term whose gradient is taken at once, so that one network's features are gone before the next network runs."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def early_gradient(term_of: Callable[[Tensor], Tensor], images: Tensor, parameters: Iterable[Tensor] = ()) -> Tensor:
    """Compute a term, take its gradient at once, and free all that its backward pass needs.

    The term that comes back has the same value and, multiplied by whatever weight becomes known later, the same
    gradient. A step then needs memory for the largest of its networks instead of for all of them together.

    Args:
        term_of: From the images to the term, a scalar.
        images: What a network saw. The gradient stops at them and goes on from there in the later backward pass, so
            the network may share parameters with the one that made them: each use counts, and counts once.
        parameters: What else the term shall be differentiated by: parameters that move.

    Returns:
        Scalar; the term itself where no gradient is wanted. Second derivatives are refused.

    Example:
        >>> image = torch.tensor([1.0, 2.0], requires_grad=True)
        >>> (10 * early_gradient(lambda seen: seen.square().sum(), image)).backward()
        >>> image.grad
        tensor([20., 40.])
    """
    seen = images.detach().requires_grad_(images.requires_grad)
    term = term_of(seen)
    # What is differentiated by, and where the gradient goes: the cut images stand for the given ones.
    wanted = [(cut, whole) for cut, whole in ((seen, images), *((one, one) for one in parameters)) if cut.requires_grad]
    if not (torch.is_grad_enabled() and term.requires_grad and wanted):
        return term
    with torch.autocast(term.device.type, enabled=False):
        found = torch.autograd.grad(term, [cut for cut, _ in wanted])
    return _Known.apply(term.detach(), found, *(whole for _, whole in wanted))


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
