"""Strips of pictures to look at, such as what attackers see and draw. Of people: for the user's folder alone."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor
from torchvision.utils import make_grid

from miais.experiments.figures import write_figure
from miais.image import from_uint8, read_image, write_png

_LARGEST_INCHES, _LABEL_INCHES, _GAP_INCHES, _DOTS = 12.0, 1.4, 0.12, 125
_LABEL = 16


def write_strip(folder: Path, name: str, images: Tensor) -> None:
    """Write a few pictures side by side as `NAME.png`.

    Args:
        folder: Made if missing.
        name: Of the row.
        images: uint8, shape (N, 3, H, W).
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_png(folder / f"{name}.png", make_grid(from_uint8(images), nrow=len(images), padding=2, pad_value=1.0))


def write_panel(path: Path, strips: Path, titles: Mapping[str, str]) -> None:
    """Draw all strips below each other.

    Args:
        path: Of the panel, a PNG.
        strips: Folder of `write_strip`.
        titles: What to write at each strip, by its name, in order; those without a strip are left out.

    Raises:
        FileNotFoundError: If there is no strip at all.
    """
    from matplotlib.figure import Figure

    files = [(textwrap.fill(title, _LABEL), strips / f"{name}.png") for name, title in titles.items()]
    found = [(title, read_image(file)) for title, file in files if file.is_file()]
    if not found:
        raise FileNotFoundError(f"{strips} has no strips to draw {path.name} from")
    heights = [image.shape[1] / image.shape[2] for _, image in found]
    # No larger than its pixels are worth.
    width = min(_LARGEST_INCHES, _LABEL_INCHES + max(image.shape[2] for _, image in found) / _DOTS)
    height = (width - _LABEL_INCHES) * sum(heights) + _GAP_INCHES * len(found)
    figure = Figure(figsize=(width, height), layout="constrained")
    rows = figure.subplots(len(found), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    for axes, (title, image) in zip(rows, found, strict=True):
        axes.imshow(image.permute(1, 2, 0).numpy(), interpolation="nearest")
        axes.set_ylabel(title, rotation=0, ha="right", va="center")
        axes.set_anchor("E")  # what is to spare is the label's
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    write_figure(figure, path)
