import pytest
import torch

from miais.peers import PEERS, AdamSettings

OPTIMIZERS = {  # as the authors, or public implementations, have them
    "hiips": AdamSettings(1e-4),
    "steganogan": AdamSettings(1e-4),
    "hidden": AdamSettings(1e-3),
    "stegnet": AdamSettings(1e-5, betas=(0.5, 0.9)),
    "hinet": AdamSettings(10**-4.5, betas=(0.5, 0.999), eps=1e-6, weight_decay=1e-5, clip_norm=1.0),
    "udh": AdamSettings(1e-3, betas=(0.5, 0.999)),
}


@pytest.mark.parametrize("name", PEERS)
def test_optimizers_are_the_authors(name):
    assert PEERS[name].optimizer == OPTIMIZERS[name]


def test_critics_move_as_their_authors_move_them():
    steganogan, hidden = PEERS["steganogan"].critic, PEERS["hidden"].critic
    assert (steganogan.turns, steganogan.optimizer.lr) == ("epoch", 1e-4)
    assert (hidden.turns, hidden.optimizer.lr) == ("batch", 1e-3)


def test_settings_reach_the_optimizer():
    parameter = torch.nn.Parameter(torch.zeros(1))
    (group,) = AdamSettings(0.1, betas=(0.2, 0.3), eps=0.4, weight_decay=0.5).build([parameter]).param_groups
    assert [group[name] for name in ("lr", "betas", "eps", "weight_decay")] == [0.1, (0.2, 0.3), 0.4, 0.5]
    assert group["params"] == [parameter]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lr": 0.0}, "positive lr, got 0.0"),
        ({"betas": (1.0, 0.9)}, r"betas in \[0, 1\), got \(1.0, 0.9\)"),
        ({"clip_norm": -1.0}, "clip_norm of at least 0"),
        ({"weight_decay": -1.0}, "weight_decay"),
    ],
)
def test_settings_that_make_no_sense_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        AdamSettings(**{"lr": 1e-3, **arguments})
