"""Where a run starts: with the secret classifier of a pretraining or of a system, or with a whole system."""

from pathlib import Path
from typing import Any

from torch import nn

from miais.card import CARD_FILE, read_card
from miais.system_folder import load_networks
from miais.training.checkpoint import load_checkpoint
from miais.training.minimax_networks import MinimaxNetworks


def take_secret_classifier(folder: Path, classifier: nn.Module) -> dict[str, Any]:
    """Give a secret classifier the weights that a folder has for it.

    Args:
        folder: Of a run with a finished pretraining, or of a system.
        classifier: v, of the same networks and people.

    Returns:
        Where it comes from, for the card of the run.

    Raises:
        FileNotFoundError: If the folder is neither.
        ValueError: If the weights do not fit.
    """
    if (folder / CARD_FILE).is_file():
        card = read_card(folder)
        load_networks({"secret_classifier": classifier}, card, folder)
        earlier = card.training.get("phases", {}).get("pretrain") or card.training.get("secret_classifier")
        return {"system": card.name, "system_hash": card.system_hash, "pretrain": earlier}
    step, weights = load_checkpoint(folder / "pretrain" / "best")
    try:
        classifier.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"the secret classifier of {folder} does not fit this recipe's: {error}") from error
    return {"pretraining_step": step}


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
