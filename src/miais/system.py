"""A trained system: hide, recognise on the container, restore where wanted."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.card import SystemCard, read_card
from miais.hiding import as_seen, hide_in, works_at_full_size
from miais.image import quantize, resize
from miais.keys import give_key, key_fingerprint
from miais.network_kinds import CLASSIFIERS, GENERATORS, RESTORERS
from miais.networks.lattice.classifier import LatticeClassifier
from miais.networks.spec import build_network
from miais.system_folder import ROLES, find_system, load_networks, save_networks

EVIDENT = 6.0
"""Standard deviations above chance; a picture that carries nothing is taken for a container once in 100 million."""


class StegoSystem:
    """Generator, two steg-classifiers, the secret classifier and, for multitask, a restorer, with their card.

    Args:
        card: What the networks are.
        generator: h.
        classifiers: f1 and f2.
        secret_classifier: v, the recogniser of plain secrets: the upper bound that containers are measured against.
        restorer: r, or None.

    Attributes:
        key_fingerprint: Names the user's own key; None where the system goes by its public one, or has none.

    Raises:
        ValueError: If some of the networks work at the cover's full size and others at the system's.
    """

    def __init__(
        self,
        card: SystemCard,
        generator: nn.Module,
        classifiers: tuple[nn.Module, nn.Module],
        secret_classifier: nn.Module,
        restorer: nn.Module | None = None,
    ) -> None:
        self.card = card
        self.key_fingerprint: str | None = None
        self.generator, self.classifiers = generator, classifiers
        self.secret_classifier, self.restorer = secret_classifier, restorer
        if len({works_at_full_size(network) for network in (generator, *classifiers, restorer or generator)}) > 1:
            raise ValueError(
                "expected generator, classifiers and restorer of one family: all of them on a lattice, or none"
            )
        for network in self._networks().values():
            network.eval().requires_grad_(False)

    @classmethod
    def build(cls, card: SystemCard) -> "StegoSystem":
        """Make the networks that a card describes, with fresh weights."""
        people = card.num_identities
        specs = card.networks
        classifiers = [build_network(specs["classifier"], CLASSIFIERS, num_identities=people) for _ in range(2)]
        return cls(
            card,
            build_network(specs["generator"], GENERATORS),
            (classifiers[0], classifiers[1]),
            build_network(specs["secret_classifier"], CLASSIFIERS, num_identities=people),
            build_network(specs["restorer"], RESTORERS) if "restorer" in specs else None,
        )

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.generator.parameters()).device

    def to(self, device: torch.device | str) -> "StegoSystem":
        """Move the networks to a device and return the system."""
        for network in self._networks().values():
            network.to(device)
        return self

    @torch.inference_mode()
    def hide(self, secret: Tensor, cover: Tensor, *, strength: float = 1.0) -> Tensor:
        """Hide a secret in a cover of any size, Eq. 1.

        Args:
            secret: Shape (3, h, w) or (N, 3, h, w), range [0, 1]; resized to the system's square size.
            cover: Shape (3, H, W) or (N, 3, H, W), range [0, 1], as many as secrets.
            strength: Factor on the change to the cover; 1 is what the system was trained for, 0 gives the cover back. A
                system on a lattice takes 1 at most.

        Returns:
            The container: shape and size of the cover, on the grid of 8 bits, on the CPU.

        Raises:
            ValueError: If shapes or values do not fit, or the strength lies outside [0, 10].
        """
        if not 0 <= strength <= 10:
            raise ValueError(f"expected a strength in [0, 10], got {strength}")
        secrets, covers = self._batch(secret, "secret"), self._batch(cover, "cover")
        if len(secrets) != len(covers):
            raise ValueError(f"expected as many covers as secrets, got {len(secrets)} secrets and {len(covers)} covers")
        full = hide_in(self.generator, self._fit(secrets), covers, psnr_db=self.card.psnr_db, strength=strength)
        return _like(quantize(full).cpu(), cover)

    @torch.inference_mode()
    def embed(self, container: Tensor) -> Tensor:
        """Describe the hidden person, without restoring the face: unit vectors of both steg-classifiers.

        Args:
            container: Shape (3, H, W) or (N, 3, H, W), range [0, 1].

        Returns:
            Unit vectors, shape (N, D), on the CPU; near ones, by Euclidean distance in [0, 2], are the same person.
        """
        seen = self._seen(container)
        halves = [F.normalize(classifier(seen).embedding.float()) for classifier in self.classifiers]
        return F.normalize(torch.cat(halves, dim=1)).cpu()

    @torch.inference_mode()
    def evidence(self, container: Tensor) -> Tensor:
        """Say whether a picture carries anything that this system, with its key, can read.

        Args:
            container: Shape (3, H, W) or (N, 3, H, W), range [0, 1].

        Returns:
            Standard deviations above chance, shape (N,), on the CPU: above `EVIDENT` there is no doubt, about 0 is a
            picture like any other, or a container of another system or key, or one that did not survive its way. NaN
            where it cannot be known: of networks that paint, and of the smallest pictures.
        """
        seen, reader = self._seen(container), self.classifiers[0]
        if not isinstance(reader, LatticeClassifier):
            return torch.full((len(seen),), float("nan"))
        return reader.evidence(seen).cpu()

    @torch.inference_mode()
    def embed_secret(self, secret: Tensor) -> Tensor:
        """Describe a plain secret by the secret classifier: what recognition is worth without hiding.

        These vectors live in a space of their own; do not compare them with those of `embed`.

        Returns:
            Unit vectors, shape (N, D), on the CPU.
        """
        secrets = self._fit(self._batch(secret, "secret"))
        return F.normalize(self.secret_classifier(secrets).embedding.float()).cpu()

    @torch.inference_mode()
    def classify(self, container: Tensor) -> Tensor:
        """Say which of the training labels is hidden, by the mean logits of both steg-classifiers, Eq. 2.

        Args:
            container: Shape (3, H, W) or (N, 3, H, W), range [0, 1].

        Returns:
            Labels, int64, shape (N,), on the CPU.
        """
        seen = self._seen(container)
        return torch.stack([classifier(seen).logits for classifier in self.classifiers]).mean(dim=0).argmax(dim=1).cpu()

    @torch.inference_mode()
    def classify_secret(self, secret: Tensor) -> Tensor:
        """Say which of the training labels a plain secret has, by the secret classifier.

        Returns:
            Labels, int64, shape (N,), on the CPU.
        """
        return self.secret_classifier(self._fit(self._batch(secret, "secret"))).logits.argmax(dim=1).cpu()

    @torch.inference_mode()
    def restore(self, container: Tensor) -> Tensor:
        """Restore the secret, Eq. 3.

        Args:
            container: Shape (3, H, W) or (N, 3, H, W), range [0, 1].

        Returns:
            The secret at the system's size, shape (3, S, S) or (N, 3, S, S), range [0, 1], on the CPU.

        Raises:
            ValueError: If the system has no restorer.
        """
        if self.restorer is None:
            raise ValueError(
                f"system {self.card.name!r} is single-task: it recognises and cannot restore; use a multitask system"
            )
        restored = self.restorer(self._seen(container))
        return _like(restored.float().clamp(0, 1).cpu(), container)

    def save(self, folder: str | Path) -> SystemCard:
        """Write one safetensors file for each network, and the card with their hashes.

        Args:
            folder: Made if missing; an older system in it is replaced only once the new one is complete.

        Returns:
            The card as written.

        Raises:
            FileExistsError: If the folder has other files than those of a system; they would be lost.
        """
        self.card = save_networks(self._networks(), self.card, folder)
        return self.card

    def _networks(self) -> dict[str, nn.Module]:
        networks = (self.generator, *self.classifiers, self.secret_classifier, self.restorer)
        return {role: network for role, network in zip(ROLES, networks, strict=True) if network is not None}

    def _fit(self, images: Tensor) -> Tensor:
        return resize(images, (self.card.image_size, self.card.image_size))

    def _seen(self, container: Tensor) -> Tensor:
        return as_seen(self.classifiers[0], self._batch(container, "container"), self.card.image_size)

    def _batch(self, image: Tensor, name: str) -> Tensor:
        shape = tuple(image.shape)
        if len(shape) not in (3, 4) or shape[-3] != 3 or 0 in shape or not image.is_floating_point():
            raise ValueError(
                f"expected the {name} as float of shape (3, H, W) or (N, 3, H, W), got {image.dtype} of shape {shape}"
            )
        low, high = (bound.item() for bound in image.aminmax())
        if not (low >= -0.5 / 255 and high <= 1 + 0.5 / 255):  # also true for NaN
            raise ValueError(f"expected the {name} in [0, 1], got {low:g} to {high:g}; rescale or clamp it first")
        return (image if image.ndim == 4 else image[None]).to(self.device, torch.float32)


def load(name_or_folder: str | Path, *, device: torch.device | str = "cpu", key: bytes | None = None) -> StegoSystem:
    """Load a system that comes with the package, or one from a folder.

    Args:
        name_or_folder: The name of a bundled system, or a folder written by `StegoSystem.save`.
        device: Where its networks go.
        key: 32 secret bytes, see `miais.read_key`: only systems that have them too read what this one hides. None for
            the key that comes with the system, which everybody has. Systems that are not on a lattice have no key.

    Raises:
        FileNotFoundError: If there is no such system; the text names near ones.
        ValueError: If a file is missing, does not have the hash that the card states, or does not fit the networks; if
            a key is given and the system has none, or the key does not have 32 bytes.
    """
    folder = find_system(name_or_folder)
    card = read_card(folder)
    system = StegoSystem.build(card)
    load_networks(system._networks(), card, folder)
    if key is not None:
        give_key(system._networks().values(), key)
        system.key_fingerprint = key_fingerprint(key)
    return system.to(device)


def _like(images: Tensor, example: Tensor) -> Tensor:
    return images if example.ndim == 4 else images[0]
