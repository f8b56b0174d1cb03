"""Yedroudj-Net: fixed high-pass filters, absolute values, truncation and batch normalisation.

Yedroudj, Comby, Chaumont, Yedroudj-Net: An Efficient CNN for Spatial Steganalysis, ICASSP 2018. arXiv:1803.00407. The
authors published it twice, for Caffe and for PyTorch, and the two differ.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from miais.steganalysis.learned.colours import Colours, filtered_apart, in_full_precision, plane_count, planes
from miais.steganalysis.learned.srm import srm_filters


class _Absolute(nn.Module):
    def forward(self, features: Tensor) -> Tensor:
        """Drop the sign."""
        return features.abs()


@dataclass(frozen=True)
class YedroudjForm:
    """In what the authors' two files differ.

    Attributes:
        residues: Where the filters' answers are truncated; infinite: not at all.
        first: Where the first block's features are.
        second: And the second's.
        bias: Whether convolutions have one.
        kaiming: Whether they start from Kaiming's normal distribution, not from Xavier's uniform one.
    """

    residues: float
    first: float
    second: float
    bias: bool
    kaiming: bool


CAFFE = YedroudjForm(residues=math.inf, first=3, second=2, bias=False, kaiming=False)
PYTORCH = YedroudjForm(residues=3, first=3, second=1, bias=True, kaiming=True)


class YedroudjNet(nn.Module):
    """Yedroudj-Net, for pictures of any size.

    Args:
        colours: What it sees; each plane is filtered, those of "rgb" are summed, those of "differences" stay apart.
        form: Which of the authors' files it follows. With residues truncated, edges do not drown what is hidden in
            quiet places, and it learns from the first steps on.

    Shape:
        image (N, 3, H, W) in [0, 1] -> logits (N, 2) of cover and stego.
    """

    filters: Tensor

    def __init__(self, *, colours: Colours = "rgb", form: YedroudjForm = CAFFE) -> None:
        super().__init__()
        self.colours, self.form, self.groups = colours, form, filtered_apart(colours)
        kernels = srm_filters(normalized=True).unsqueeze(1)
        self.register_buffer("filters", kernels.repeat(self.groups, plane_count(colours) // self.groups, 1, 1))
        self.trunk = nn.Sequential(
            nn.Conv2d(30 * self.groups, 30, 5, padding=2, bias=form.bias),
            _Absolute(),
            nn.BatchNorm2d(30),
            nn.Hardtanh(-form.first, form.first),
            nn.Conv2d(30, 30, 5, padding=2, bias=form.bias),
            nn.BatchNorm2d(30),
            nn.Hardtanh(-form.second, form.second),
            nn.AvgPool2d(5, 2, padding=2),
            *_block(30, 32, form.bias),
            nn.AvgPool2d(5, 2, padding=2),
            *_block(32, 64, form.bias),
            nn.AvgPool2d(5, 2, padding=2),
            *_block(64, 128, form.bias),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Sequential(
            nn.Linear(128, 256), nn.ReLU(inplace=True), nn.Linear(256, 1024), nn.ReLU(inplace=True), nn.Linear(1024, 2)
        )
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                if self.form.kaiming and isinstance(module, nn.Conv2d):
                    nn.init.kaiming_normal_(module.weight)
                else:
                    nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        """Score pictures."""
        with in_full_precision(image):
            seen = planes(image.float(), self.colours)
            residues = torch.nn.functional.conv2d(seen, self.filters, padding=2, groups=self.groups)
        return self.head(self.trunk(residues.clamp(-self.form.residues, self.form.residues)))


def _block(inputs: int, outputs: int, bias: bool) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias)
    return convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
