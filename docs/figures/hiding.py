"""Draws docs/figures/hiding.png, the first picture of the concepts: `python docs/figures/hiding.py`."""

from pathlib import Path

import torch
from skimage.data import astronaut, coffee
from torch import Tensor

import miais
from miais.experiments.figures import write_figure
from miais.image import to_uint8
from miais.steganalysis.changes import magnified_residual

FACE = (slice(10, 190), slice(130, 310))
GAIN = 20


def main() -> None:
    """Hide the astronaut in a cup of coffee, and show what becomes of both."""
    from matplotlib.figure import Figure

    system = miais.load("lfw-multi")
    cover, face = _tensor(coffee()), _tensor(astronaut())[:, FACE[0], FACE[1]]
    container = system.hide(face, cover)
    residual = magnified_residual(to_uint8(cover)[None], to_uint8(container)[None], GAIN)[0]
    pictures = {
        "secret": face,
        "cover": cover,
        "container": container,
        f"what was changed, x{GAIN}": residual,
        "restored": system.restore(container),
    }
    widths = [picture.shape[2] / picture.shape[1] for picture in pictures.values()]
    figure = Figure(figsize=(11, 2.1), layout="constrained")
    cells = figure.subplots(1, len(pictures), gridspec_kw={"width_ratios": widths})
    for axes, (title, picture) in zip(cells, pictures.items(), strict=True):
        axes.imshow(picture.permute(1, 2, 0).numpy())
        axes.set_title(title, fontsize=9)
        axes.axis("off")
    write_figure(figure, Path(__file__).with_suffix(".png"))


def _tensor(picture: object) -> Tensor:
    return torch.as_tensor(picture).permute(2, 0, 1).float() / 255


if __name__ == "__main__":
    main()
