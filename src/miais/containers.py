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
    evidence = system.evidence(containers)
    if bool(torch.any(evidence < EVIDENT)):
        raise NothingHiddenError(
            f"{source}: expected a container made by {system.card.name} with this key, got a picture in which nothing "
            "is hidden, or nothing any more: JPEG and resizing destroy what most systems hide; hide a photograph first"
        )
    return system.embed(containers)
