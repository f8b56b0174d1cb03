"""The figures of `miais experiment bits`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from miais.experiments.figures import write_figure
from miais.image import to_uint8

_COLOURS = {"red": "#c0392b", "green": "#27ae60", "blue": "#2980b9"}
_DYNAMIC_DB = 40.0


def spectrum_picture(power: Tensor) -> Tensor:
    """Show a power spectrum (H, W) in decibels below its largest value, as bytes, shape (1, 3, H, W)."""
    decibels = 10 * (power / power.max().clamp(min=torch.finfo(power.dtype).tiny)).clamp(min=1e-12).log10()
    return to_uint8((1 + decibels / _DYNAMIC_DB).clamp(0, 1)).expand(1, 3, *power.shape)


def draw_bits(path: Path, values: Mapping[str, Any]) -> None:
    """Draw where a system's change sits.

    Args:
        path: Of the figure, a PNG; matplotlib is in the extra `report`.
        values: Of a row of `miais experiment bits`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 6.5), layout="constrained")
    (bits, differences, shares), (red_green_blue, colours, power) = figure.subplots(2, 3)
    figure.suptitle(f"{values['name']}: {values['pairs']} containers, {values['psnr_db']:.2f} dB")
    for number, (colour, code) in enumerate(_COLOURS.items()):
        rates = values["bits"][number]
        bits.bar([bit + 1 + 0.27 * (number - 1) for bit in range(len(rates))], rates, 0.25, color=code, label=colour)
        counts = values["differences"][number]
        reach, total = len(counts) // 2, sum(counts)
        across = range(-reach, reach + 1)
        differences.step(across, [count / total for count in counts], where="mid", color=code)
        cover, container = (_density(values[f"{kind}_colours"][number]) for kind in ("cover", "container"))
        red_green_blue.plot(cover, color=code, linewidth=1)
        red_green_blue.plot(container, color=code, linewidth=1, linestyle=":")
        colours.plot([b - a for a, b in zip(cover, container, strict=True)], color=code, linewidth=0.8)
    shares.bar(list(_COLOURS), values["shares"], color=list(_COLOURS.values()))
    power.plot(values["frequencies"], values["power"], color="0.2")
    bits.set(title="changed bits", xlabel="bit, 1 is the lowest", ylabel="share of values", xticks=range(1, 9))
    bits.legend(fontsize=8)
    differences.set(title="container less cover", xlabel="grey levels", ylabel="share of values", yscale="log")
    shares.set(title="squared error by channel", ylabel="share", ylim=(0, 1))
    red_green_blue.set(title="colours: cover, and container dotted", xlabel="level", ylabel="share of values")
    colours.set(title="colours: container less cover", xlabel="level", ylabel="share of values")
    power.set(title="power of the residual", xlabel="cycles per pixel", ylabel="squared grey levels", yscale="log")
    for axes in figure.axes:
        axes.grid(alpha=0.3)
    write_figure(figure, path)


def _density(counts: list[int]) -> list[float]:
    total = sum(counts)
    return [count / total for count in counts]
