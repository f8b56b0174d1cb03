"""Detectors that are trained: Ye-Net, Yedroudj-Net, SRNet, each from a picture to the logits of cover and stego."""

from miais.steganalysis.learned.srnet import SRNet
from miais.steganalysis.learned.yedroudj import YedroudjNet
from miais.steganalysis.learned.yenet import YeNet

__all__ = ["SRNet", "YeNet", "YedroudjNet"]
