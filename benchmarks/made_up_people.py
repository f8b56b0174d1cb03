"""People who do not exist, scattered as the people of real pictures are."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from miais.cli.evaluate import COVERS, SECRETS
from miais.data.covers import CoverSet
from miais.data.protocol import identity_of, read_protocol
from miais.data.secrets import SecretSet
from miais.evaluation.face_protocol import face_protocol
from miais.image import from_uint8
from miais.system import StegoSystem
from miais.training.corpus import HELD_OUT, find_set


class Real(NamedTuple):
    """Embeddings of real containers, shape (N, D), and whose they are, (N,)."""

    embeddings: NDArray[Any]
    people: NDArray[Any]


def real_embeddings(system: StegoSystem, protocol_folder: Path, data_root: Path, most: int) -> Real:
    """Embed validation pictures, each hidden in the first of its covers, which are those held out in training."""
    protocol = read_protocol(protocol_folder)
    people = protocol.identities("val")
    faces = SecretSet.open(find_set(data_root, SECRETS), system.card.image_size, people)
    covers = CoverSet.open(find_set(data_root, COVERS), protocol.covers(COVERS, "train")[::HELD_OUT])
    chosen = face_protocol(protocol, "val", faces.names, covers.names, copies=1).covers
    face_number = {name: number for number, name in enumerate(faces.names)}
    cover_number = {name: number for number, name in enumerate(covers.names)}
    names = list(chosen)[:most]
    vectors = []
    for name in track(names, "real pictures", console=Console(stderr=True)):
        face = from_uint8(faces.pixels(face_number[name]))
        cover = from_uint8(covers.pixels(cover_number[chosen[name][0]]))
        vectors.append(system.embed(system.hide(face, cover)))
    numbered = np.unique([identity_of(name) for name in names], return_inverse=True)[1]
    return Real(torch.cat(vectors).double().numpy(), numbered)


def made_up(real: Real, people: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Draw two containers of each person: twice unit vectors, float32, shape (people, D).

    The scatter of the real people's means, and that of one person's pictures around the mean, make normal
    distributions: a person is drawn from the first, and containers around the person from the second.
    """
    counts = np.bincount(real.people)
    means = np.stack([np.bincount(real.people, column) for column in real.embeddings.T], axis=1) / counts[:, None]
    several = counts[real.people] > 1
    offsets = (real.embeddings - means[real.people])[several]
    # The mean of few pictures is nearer to each of them than the person is.
    offsets *= np.sqrt(counts / np.maximum(1, counts - 1))[real.people][several, None]
    print(f"{len(real.people)} real pictures of {len(counts)} people, {several.sum()} of people who have several")
    random, dimension = np.random.default_rng(0), means.shape[1]
    drawn = random.multivariate_normal(means.mean(axis=0), np.cov(means.T), people, method="eigh")
    shown = [
        drawn + random.multivariate_normal(np.zeros(dimension), np.cov(offsets.T), people, method="eigh")
        for _ in range(2)
    ]
    first, second = ((each / np.linalg.norm(each, axis=1, keepdims=True)).astype(np.float32) for each in shown)
    return first, second
