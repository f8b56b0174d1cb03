"""Who is hidden in containers, for decisions about people: pictures that carry nothing are refused, not compared."""

import torch
from torch import Tensor

from miais.system import EVIDENT, StegoSystem


class NothingHiddenError(ValueError):
    """A picture carries nothing that the system can read."""


def embed_containers(system: StegoSystem, containers: Tensor, source: str = "picture") -> Tensor:
    """Describe the hidden people as `StegoSystem.embed` does, where there are any.

    Embeddings of other pictures are noise, and a small copy of one, kept as a thumbnail, may be a face.

    Args:
        system: Made the containers.
        containers: Shape (3, H, W) or (N, 3, H, W), range [0, 1].
        source: What to call them in messages.

    Returns:
        Unit vectors, shape (N, D), on the CPU.

    Raises:
        NothingHiddenError: If one of them is no container of this system and key, or is none any more; not where
            `StegoSystem.evidence` cannot know.
    """
    _refuse_others(system, containers, source)
    return system.embed(containers)


def restore_container(system: StegoSystem, container: Tensor, source: str = "picture") -> Tensor:
    """Restore the secret as `StegoSystem.restore` does, where there is one: of other pictures it would make noise.

    Args:
        system: Made the container, and restores.
        container: Shape (3, H, W) or (N, 3, H, W), range [0, 1].
        source: What to call it in messages.

    Returns:
        The secret at the system's size, shape (3, S, S) or (N, 3, S, S), range [0, 1], on the CPU.

    Raises:
        NothingHiddenError: As of `embed_containers`.
        ValueError: If the system has no restorer.
    """
    if system.restorer is not None:  # else restoring itself says what is missing
        _refuse_others(system, container, source)
    return system.restore(container)


def _refuse_others(system: StegoSystem, containers: Tensor, source: str) -> None:
    if bool(torch.any(system.evidence(containers) < EVIDENT)):
        raise NothingHiddenError(
            f"{source}: expected a container that {system.card.name} can read, got a picture in which it finds nothing:"
            " a plain photograph, a container of another system or key, or one that JPEG or resizing has destroyed"
        )
