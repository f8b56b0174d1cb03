"""A user's own recogniser of plain secrets, as a folder: `recognizer.json` and `recognizer.safetensors`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import cast

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from miais.networks.recognizers import RECOGNIZERS, load_all_but_head
from miais.networks.spec import NetworkSpec

RECOGNIZER_FILE, WEIGHTS_FILE = "recognizer.json", "recognizer.safetensors"
_FORMAT = 1
_LOGITS_BY_LENGTH = 3.2
"""Logits of a linear head by length of the embedding: at 10, as all of ours have, as sharp as a cosine head."""


def save_recognizer(network: nn.Module, spec: NetworkSpec, folder: str | Path) -> None:
    """Write a recogniser's folder.

    Args:
        network: Made by `build_network(spec, RECOGNIZERS, num_identities=...)`, with weights of your own.
        spec: Its kind and arguments.
        folder: Made if missing.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.cpu().contiguous().clone() for name, tensor in network.state_dict().items()}
    for name, content in (
        (WEIGHTS_FILE, save(tensors)),
        (RECOGNIZER_FILE, (json.dumps({"format": _FORMAT, **asdict(spec)}, indent=2) + "\n").encode()),
    ):
        temporary = folder / f".{name}.tmp"
        temporary.write_bytes(content)
        temporary.replace(folder / name)


def read_recognizer(folder: str | Path) -> NetworkSpec:
    """Read what kind of network the folder has the weights of.

    Raises:
        FileNotFoundError: If the folder has no recogniser.
        ValueError: If its description cannot be understood.
    """
    path = Path(folder) / RECOGNIZER_FILE
    if not path.is_file():
        raise FileNotFoundError(
            f"expected a recogniser's {RECOGNIZER_FILE} in {folder}, found none; docs/recognizer.md says how to make it"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("format") != _FORMAT:
            raise ValueError(f"format {_FORMAT} is expected")
        spec = NetworkSpec(**content)
        if spec.kind not in RECOGNIZERS or not isinstance(spec.arguments, dict):
            raise ValueError(f"expected a kind out of {', '.join(RECOGNIZERS)} and its arguments, got {content}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: not the description of a recogniser: {error!r}; see docs/recognizer.md") from error
    return spec


def load_recognizer(network: nn.Module, folder: str | Path) -> None:
    """Give a network of the folder's kind the folder's weights, all but those of its head, which knows other people.

    Raises:
        FileNotFoundError: If there are no weights.
        ValueError: If they do not fit.
    """
    path = Path(folder) / WEIGHTS_FILE
    try:
        load_all_but_head(network, load_file(path))
    except (RuntimeError, SafetensorError) as error:
        raise ValueError(
            f"{path}: not the weights of the recogniser that {RECOGNIZER_FILE} describes: {error}"
        ) from error


def give_head(network: nn.Module, means: Tensor) -> None:
    """Make the head of a recogniser from mean embeddings: that is what a cosine head tends to.

    Args:
        network: Of a kind in `RECOGNIZERS`, for K people.
        means: Mean unit embedding of each person, shape (K, D).
    """
    directions = F.normalize(means)
    with torch.no_grad():
        if isinstance(network.head, nn.Linear):
            network.head.weight.copy_(_LOGITS_BY_LENGTH * directions)
            network.head.bias.zero_()
        else:
            cast(nn.Parameter, network.head).copy_(directions)
