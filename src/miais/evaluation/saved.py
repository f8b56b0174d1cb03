"""Containers as a receiver gets them: written as PNG, read again, perhaps distorted on the way."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from miais.distortions import DISTORTIONS
from miais.image import quantize, read_image, write_png
from miais.metrics import mean_squared_error, psnr
from miais.metrics.ms_ssim import ms_ssim_of_both_kinds
from miais.system import StegoSystem

NONE = "none"
"""Name of no distortion."""


class Hiding(NamedTuple):
    """One secret to hide in one cover.

    Attributes:
        name: Of the container's file, without suffix.
        secret: Shape (3, h, w), range [0, 1].
        cover: Shape (3, H, W), range [0, 1].
    """

    name: str
    secret: Tensor
    cover: Tensor


class ContainerFidelity(NamedTuple):
    """A saved container against its cover, or a restored secret against the secret.

    MSE on [0, 1], PSNR in dB, MS-SSIM standard and on the authors' scale.
    """

    mse: float
    psnr_db: float
    ms_ssim: float
    ms_ssim_miais: float


class Received(NamedTuple):
    """What came of one hiding.

    Attributes:
        container: As read from the file, shape (3, H, W).
        arrivals: The same after each distortion asked for, by its name.
        fidelity: Of the saved file.
    """

    container: Tensor
    arrivals: Mapping[str, Tensor]
    fidelity: ContainerFidelity


Watch = Callable[[Tensor, Tensor], None]
"""Called with a container as read from its file and its cover, each (3, H, W), range [0, 1]."""


def send_and_receive(
    system: StegoSystem,
    hidings: Iterable[Hiding],
    folder: Path,
    *,
    distortions: Sequence[str] = (),
    watch: Watch | None = None,
    strength: float = 1.0,
    seed: int = 0,
) -> Iterator[Received]:
    """Hide, save, read again, and distort.

    Args:
        system: That hides.
        hidings: What to hide where.
        folder: Gets the containers; exists.
        distortions: Keys of `DISTORTIONS`, or "none", each for itself and not one after the other.
        watch: Called with each container as saved and its cover.
        strength: As in `StegoSystem.hide`.
        seed: Of each distortion.

    Yields:
        One result for each hiding, in order.

    Raises:
        ValueError: If a distortion is unknown.
    """
    for name in distortions:
        if name != NONE and name not in DISTORTIONS:
            raise ValueError(f"expected a distortion out of {NONE}, {', '.join(DISTORTIONS)}, got {name!r}")
    random = {name: torch.Generator().manual_seed(seed) for name in distortions}
    measuring = torch.device("cpu") if system.device.type == "mps" else system.device  # which has no float64
    for name, secret, cover in hidings:
        path = folder / f"{name}.png"
        write_png(path, system.hide(secret, cover, strength=strength))
        saved = read_image(path)
        # float32 has too few digits for MS-SSIM where pictures are flat.
        pair = saved[None].to(measuring).double(), cover[None].to(measuring).double()
        if watch is not None:
            watch(saved, cover)
        arrivals = {
            kind: saved if kind == NONE else DISTORTIONS[kind](saved, cover, random[kind]) for kind in distortions
        }
        yield Received(saved, arrivals, fidelity_of_pair(*pair))


def restoration(system: StegoSystem, container: Tensor, secret: Tensor) -> ContainerFidelity:
    """Restore a secret, round it to 8 bits, and compare it with what was hidden; each (3, H, W), range [0, 1]."""
    return fidelity_of_pair(quantize(system.restore(container))[None].double(), secret[None].double())


def fidelity_of_pair(image: Tensor, reference: Tensor) -> ContainerFidelity:
    """Compare two pictures, each (1, 3, H, W), float64, range [0, 1]."""
    measures = mean_squared_error(image, reference), psnr(image, reference), *ms_ssim_of_both_kinds(image, reference)
    return ContainerFidelity(*map(float, measures))


@dataclass(frozen=True)
class Fidelity:
    """Means over containers and their covers, from saved 8-bit files, or over restored secrets and the secrets.

    Attributes:
        images: Number of pairs.
        mse: On [0, 1].
        mean_psnr_db: Mean of the images' PSNRs.
        psnr_of_mean_db: PSNR of the mean MSE, as the paper's Tables III and VI.
        worst_psnr_db: Smallest of the images' PSNRs.
        ms_ssim: Standard.
        ms_ssim_miais: On the scale of the authors' code, each image a batch of its own.
    """

    images: int
    mse: float
    mean_psnr_db: float
    psnr_of_mean_db: float
    worst_psnr_db: float
    ms_ssim: float
    ms_ssim_miais: float


def fidelity_of(containers: Iterable[ContainerFidelity]) -> Fidelity:
    """Average what was measured on each container."""
    rows = torch.tensor(list(containers), dtype=torch.float64)
    mse, decibels, standard, miais = rows.mean(dim=0).tolist()
    of_mean = float(-10 * torch.log10(rows[:, 0].mean()))
    return Fidelity(len(rows), mse, decibels, of_mean, float(rows[:, 1].min()), standard, miais)


Progress = Callable[[int, int], None]
"""Called with the number done and the number of all."""
