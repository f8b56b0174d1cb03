"""A system small enough for a test: 32 px, untrained, so its decisions mean nothing but everything else is real."""

from pathlib import Path

import torch
from support.lattice_networks import SIDE, lattice_networks

from miais.card import SystemCard, Threshold
from miais.metrics.match_calibration import MatchCalibration
from miais.networks.spec import NetworkSpec
from miais.system import StegoSystem

# Of `tiny_lattice`, whose containers of one secret lie about 0.05 apart, and of two 0.24 and more.
CALIBRATION = MatchCalibration(-100.0, 15.0, (0.2, 0.6), (0.01, 1.0), 0.02, 100, 10_000)


def tiny_card(multi: bool = False) -> SystemCard:
    classifier = NetworkSpec("residue", {"image_size": 32, "width": 8, "embedding_dim": 16})
    networks = {
        "generator": NetworkSpec("residual", {"image_size": 32, "width": 8}),
        "classifier": classifier,
        "secret_classifier": classifier,
    }
    if multi:
        networks["restorer"] = NetworkSpec("plain", {"width": 4})
    return SystemCard(
        name="tiny-multi" if multi else "tiny",
        task="multi" if multi else "single",
        image_size=32,
        num_identities=3,
        psnr_db=40.0,
        networks=networks,
        thresholds=(Threshold(1e-1, 1.2, 1.1, 1.3), Threshold(1e-2, 1.0, 0.9, 1.1)),
        limits="untrained, for tests",
    )


def tiny_system(folder: Path, multi: bool = False) -> Path:
    """Save one in a folder, the same weights on every call, and return the folder."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        StegoSystem.build(tiny_card(multi)).save(folder)
    return folder


def tiny_lattice(folder: Path) -> Path:
    """Save an untrained system on a lattice in a folder, the same weights on every call, and return the folder."""
    specs = lattice_networks()
    roles = ("generator", "classifier", "secret_classifier")
    networks = {role: getattr(specs, role) for role in roles}
    thresholds = tuple(Threshold(far, 0.5, 0.4, 0.6) for far in (1e-2, 1e-3))
    card = SystemCard("lattice", "single", SIDE, 3, None, networks, thresholds=thresholds, calibration=CALIBRATION)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        StegoSystem.build(card).save(folder)
    return folder
