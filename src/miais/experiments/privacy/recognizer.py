"""A recogniser of plain faces, as anybody may have one."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import save
from torch import Tensor, nn

from miais.card import CARD_FILE, read_card
from miais.experiments.privacy.containers import Report
from miais.image import from_uint8, resize
from miais.network_kinds import CLASSIFIERS
from miais.networks.spec import NetworkSpec, build_network
from miais.system import StegoSystem
from miais.system_folder import find_system
from miais.training.run_folder import SETTINGS_FILE
from miais.training.starting_point import take_secret_classifier

_CHUNK = 64


@dataclass(frozen=True)
class PlainRecognizer:
    """A secret classifier and what it takes.

    Attributes:
        name: Of the system or run that it comes from.
        network: From images (N, 3, S, S) in [0, 1] to a recognition.
        image_size: S, pixels.
    """

    name: str
    network: nn.Module
    image_size: int

    @property
    def hash(self) -> str:
        """SHA-256 of the weights."""
        tensors = {name: tensor.cpu().contiguous().clone() for name, tensor in self.network.state_dict().items()}
        return hashlib.sha256(save(tensors)).hexdigest()

    @torch.inference_mode()
    def embed(self, images: Tensor, report: Report) -> Tensor:
        """Describe pictures of any size by unit vectors.

        Args:
            images: uint8, shape (N, 3, H, W); resized to the recogniser's size.
            report: Told how far it is.

        Returns:
            Shape (N, D), on the CPU.
        """
        device = next(self.network.parameters()).device
        vectors = []
        for start in range(0, len(images), _CHUNK):
            part = resize(from_uint8(images[start : start + _CHUNK]).to(device), (self.image_size, self.image_size))
            vectors.append(F.normalize(self.network(part).embedding.float()).cpu())
            report("recognition", start + len(part), len(images))
        return torch.cat(vectors)


def own_recognizer(system: StegoSystem) -> PlainRecognizer:
    """Return a system's own secret classifier."""
    return PlainRecognizer(system.card.name, system.secret_classifier, system.card.image_size)


def load_recognizer(name_or_folder: str, device: torch.device) -> PlainRecognizer:
    """Take the secret classifier of a system or of a run, of the latter also before its pretraining is over.

    Args:
        name_or_folder: A bundled system, a system's folder, or the folder of a run of `miais train`.
        device: Where it goes.

    Raises:
        FileNotFoundError: If it is none of these.
        ValueError: If the weights do not fit.
    """
    folder = find_system(name_or_folder)
    if (folder / CARD_FILE).is_file() or not (folder / SETTINGS_FILE).is_file():
        card = read_card(folder)
        name, spec, size, people = card.name, card.networks["secret_classifier"], card.image_size, card.num_identities
    else:
        name, spec, size, people = _of_run(folder)
    network = build_network(spec, CLASSIFIERS, num_identities=people)
    take_secret_classifier(folder, network)
    return PlainRecognizer(name, network.to(device).eval().requires_grad_(False), size)


def refuse_insider(recognizer: PlainRecognizer, system: StegoSystem) -> None:
    """Refuse a recogniser that the system was made with.

    Raises:
        ValueError: If it is the system's own secret classifier.
    """
    if recognizer.hash == own_recognizer(system).hash:
        raise ValueError(
            f"expected a recogniser that had no part in the making of system {system.card.name!r}; the secret "
            f"classifier of {recognizer.name!r} is the one that its containers were trained with, and shows nothing "
            "about strangers. Train another one, such as `miais train lfw_single --set seed=1`"
        )


def _of_run(folder: Path) -> tuple[str, NetworkSpec, int, int]:
    file = folder / SETTINGS_FILE
    try:
        settings: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        recipe, networks = settings["recipe"], settings["recipe"]["networks"]
        spec = NetworkSpec(**(networks["secret_classifier"] or networks["classifier"]))
        return recipe["name"], spec, networks["image_size"], settings["data"]["identities"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{file}: expected the settings of a run of `miais train`, cannot read them: {error!r}"
        ) from None
