"""Where a run starts: with the secret classifier of a pretraining or of a system, or with a whole system."""

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.card import CARD_FILE, read_card, sha256_of
from miais.data.secrets import SecretSet
from miais.image import from_uint8
from miais.recognizer import WEIGHTS_FILE, give_head, load_recognizer
from miais.system_folder import load_networks
from miais.training.checkpoint import load_checkpoint
from miais.training.minimax_networks import MinimaxNetworks

_CHUNK = 64


def take_secret_classifier(folder: Path, classifier: nn.Module) -> dict[str, Any]:
    """Give a secret classifier the weights that a folder has for it.

    Args:
        folder: Of a run with a finished pretraining, or of a system.
        classifier: v, of the same networks and people.

    Returns:
        Where it comes from, for the card of the run; "earlier" is what its pretraining went on from.

    Raises:
        FileNotFoundError: If the folder is neither.
        ValueError: If the weights do not fit.
    """
    if (folder / CARD_FILE).is_file():
        card = read_card(folder)
        load_networks({"secret_classifier": classifier}, card, folder)
        earlier = card.training.get("phases", {}).get("pretrain") or card.training.get("secret_classifier")
        origin = {"system": card.name, "system_hash": card.system_hash, "pretrain": earlier}
        before = card.training.get("pretraining_from") or card.training.get("secret_classifier", {}).get("earlier")
        return {**origin, "earlier": before} if before else origin
    step, weights = load_checkpoint(folder / "pretrain" / "best")
    try:
        classifier.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"the secret classifier of {folder} does not fit this recipe's: {error}") from error
    return {"pretraining_step": step}


def take_own_recognizer(folder: Path, classifier: nn.Module, secrets: SecretSet) -> dict[str, Any]:
    """Give a secret classifier the weights of a user's own recogniser, and a head for the people to train on.

    Args:
        folder: See `read_recognizer`.
        classifier: v, of its kind; the recogniser may know other people, or none.
        secrets: That will be trained on.

    Returns:
        Where it comes from, for the card of the run.

    Raises:
        ValueError: If the weights do not fit.
    """
    load_recognizer(classifier, folder)
    give_head(classifier, mean_embeddings(classifier, secrets))
    return {"recognizer": folder.name, "sha256": sha256_of(folder / WEIGHTS_FILE)}


@torch.inference_mode()
def mean_embeddings(classifier: nn.Module, secrets: SecretSet) -> Tensor:
    """Return the mean unit embedding of each person, shape (K, D), by a classifier in evaluation mode."""
    classifier.eval()
    device = next(classifier.parameters()).device
    chunks = torch.arange(len(secrets)).split(_CHUNK)
    images = (torch.stack([secrets.pixels(int(index)) for index in chunk]) for chunk in chunks)
    vectors = torch.cat([F.normalize(classifier(from_uint8(batch.to(device))).embedding) for batch in images])
    sums = vectors.new_zeros(len(secrets.identities), vectors.shape[1])
    return F.normalize(sums.index_add(0, secrets.labels.to(device), vectors))


def take_all_networks(folder: Path, networks: MinimaxNetworks) -> dict[str, Any]:
    """Give h, f1, f2, v and r the weights of a system, to train them further.

    Args:
        folder: Of a system.
        networks: Of the same recipe and people.

    Returns:
        Where they come from, for the card of the run.

    Raises:
        FileNotFoundError: If the folder has no system.
        ValueError: If the weights do not fit.
    """
    card = read_card(folder)
    load_networks(networks.by_role(), card, folder)
    steps = card.training.get("phases", {}).get("minimax")
    return {
        "system": card.name,
        "system_hash": card.system_hash,
        "commit": card.training.get("commit"),
        "minimax": steps,
    }
