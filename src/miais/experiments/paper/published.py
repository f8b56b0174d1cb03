"""The paper's own numbers, to show beside ours: Cui et al., IEEE TIP 2021, Tables III to VII.

Its people are those of AFD, its covers and recogniser others, and its MS-SSIM is on the scale of its released code.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Published(NamedTuple):
    """A table of the paper: the heads of its columns, and its rows."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


_FIDELITY = ("MSE", "PSNR, dB", "MS-SSIM, authors'")
_SCORES = (*_FIDELITY, "DR", "Acc")

PUBLISHED: Mapping[str, Published] = {
    "table3": Published(
        ("secrets", "method", *_SCORES),
        (
            ("AFD", "Baseline", "0.0047", "23.32", "0.9808", "0.521", "0.8517"),
            ("AFD", "Baseline + content", "0.0070", "21.52", "0.9805", "0.538", "0.8648"),
            ("AFD", "Baseline + minimax", "0.0058", "22.37", "0.9798", "0.531", "0.8732"),
            ("AFD", "Baseline + content + minimax", "0.0052", "22.85", "0.9799", "0.586", "0.8752"),
            ("Tiny-ImageNet", "Baseline", "0.0032", "24.94", "0.9797", "0.486", "0.7335"),
            ("Tiny-ImageNet", "Baseline + content", "0.0034", "24.68", "0.9820", "0.491", "0.7353"),
            ("Tiny-ImageNet", "Baseline + minimax", "0.0032", "24.98", "0.9818", "0.487", "0.7512"),
            ("Tiny-ImageNet", "Baseline + content + minimax", "0.0038", "24.22", "0.9819", "0.497", "0.7535"),
        ),
    ),
    "table4": Published(
        ("secrets", "covers", *_SCORES),
        (
            ("AFD", "LFW", "0.0049", "23.11", "0.9801", "0.557", "0.8730"),
            ("AFD", "PASCAL VOC 2012", "0.0057", "22.45", "0.9806", "0.622", "0.8724"),
            ("AFD", "ImageNet", "0.0052", "22.83", "0.9813", "0.588", "0.8729"),
            ("Tiny-ImageNet", "LFW", "0.0037", "24.32", "0.9812", "0.505", "0.7545"),
            ("Tiny-ImageNet", "PASCAL VOC 2012", "0.0042", "23.77", "0.9800", "0.501", "0.7519"),
            ("Tiny-ImageNet", "ImageNet", "0.0041", "23.91", "0.9806", "0.502", "0.7515"),
        ),
    ),
    "table5": Published(
        ("method", *_FIDELITY, "Acc"),
        (
            ("plain secret", "0", "inf", "1", "0.8780"),
            ("CCM", "0.1337", "8.984", "0.4179", "0.5575"),
            ("LE", "0.1437", "8.516", "0.4998", "0.6154"),
            ("PBIE", "0.1628", "8.027", "0.4106", "0.5737"),
            ("EtC", "0.1597", "8.138", "0.3811", "0.5575"),
            ("ELE", "0.2951", "5.585", "0.4132", "0.5830"),
            ("EM-HOG", "0.1735", "8.960", "0.2279", "0.5728"),
            ("DIO", "0.0965", "10.300", "0.4646", "0.8120"),
            ("PPFR", "0.1260", "8.996", "0.4718", "0.8540"),
            ("BWS", "0.0223", "17.270", "0.9120", "0.8606"),
            ("MIAIS", "0.1521", "8.180", "0.4191", "0.8752"),
        ),
    ),
    "table6": Published(
        ("method", *_FIDELITY, *(f"restored: {title}" for title in _FIDELITY), "DR", "Acc"),
        (
            ("HIiPS*", "0.0162", "17.88", "0.9096", "0.0019", "27.08", "0.9646", "0.480", "0.8177"),
            ("SteganoGAN*", "0.0206", "16.84", "0.8909", "0.0089", "20.46", "0.9085", "0.466", "0.8473"),
            ("HiDDeN*", "0.0123", "19.11", "0.8957", "0.0078", "21.05", "0.9727", "0.490", "0.8373"),
            ("StegNet*", "0.0085", "20.70", "0.9363", "0.0056", "22.47", "0.9767", "0.472", "0.8493"),
            ("MIAIS", "0.0063", "22.00", "0.9864", "0.0014", "28.53", "0.9962", "0.479", "0.8690"),
        ),
    ),
    "table7": Published(
        ("detector", "case", "HiDDeN", "HIiPS", "SteganoGAN", "StegNet", "MIAIS"),
        (
            ("Ye-Net", "first", "1.000", "1.000", "1.000", "1.000", "1.000"),
            ("Ye-Net", "second", "0.889", "0.782", "0.949", "0.929", "0.891"),
            ("Yedroudj-Net", "first", "1.000", "1.000", "1.000", "1.000", "1.000"),
            ("Yedroudj-Net", "second", "0.538", "0.613", "0.955", "0.690", "0.533"),
        ),
    ),
}
