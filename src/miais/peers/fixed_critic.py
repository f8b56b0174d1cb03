"""A critic as its opponent sees it: a function of the container whose weights are not to move."""

from torch import Tensor, nn
from torch.func import functional_call


def score_with_fixed_weights(critic: nn.Module, images: Tensor) -> Tensor:
    """Return what the critic says, with gradients for the images and none for its weights.

    Whoever trains the peer need then not freeze the critic, nor clear gradients that its next step must not see.

    Args:
        critic: Any network; its batch statistics move as in a plain call.
        images: What it scores.
    """
    weights = {name: parameter.detach() for name, parameter in critic.named_parameters()}
    scores: Tensor = functional_call(critic, weights, (images,))
    return scores
