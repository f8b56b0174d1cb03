"""Lattice networks small enough for a test."""

from miais.networks.spec import NetworkSpec
from miais.training.settings import NetworkSettings

KEY = "c3" * 32
CODE, REPEATS, DIMENSIONS, SIDE = 32, 24, 16, 32
CHANNEL = {"carrier": "pixels", "step": 4.0, "repeats": REPEATS, "key": KEY}
PICTURE = {"carrier": "pixels", "step": 6.0, "repeats": 4, "key": KEY, "skip": REPEATS * CODE}


def lattice_networks(*, multi: bool = False) -> NetworkSettings:
    """Generator, classifiers, secret classifier and, for multitask, restorer."""
    sizes = {"image_size": SIDE, "width": 8}
    recognizer = NetworkSpec("residue", {**sizes, "embedding_dim": DIMENSIONS, "dropout": 0.3})
    encoder = {"kind": "residue", "arguments": {**sizes, "dropout": 0.0}}
    hides = {"image_size": SIDE, "encoder": encoder, "code": CODE, "embedding_dim": DIMENSIONS, "channel": CHANNEL}
    reads = {"code": CODE, "embedding_dim": DIMENSIONS, "hidden": 24, "channel": CHANNEL}
    return NetworkSettings(
        SIDE,
        NetworkSpec("lattice", {**hides, "picture": PICTURE} if multi else hides),
        NetworkSpec("lattice", reads),
        NetworkSpec("lattice", {**sizes, "picture": PICTURE}) if multi else None,
        recognizer,
    )
