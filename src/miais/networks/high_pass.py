"""An image beside its clipped high-pass residues, what our light networks look at.

The residues are where a change of one grey level is not drowned by the picture, the idea of rich-model steganalysis
(Fridrich & Kodovsky, IEEE TIFS 7(3), 2012).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# First order (right, down), second order (horizontal, vertical), Laplacian.
HIGH_PASS_KERNELS = (
    ((0, 0, 0), (0, -1, 1), (0, 0, 0)),
    ((0, 0, 0), (0, -1, 0), (0, 1, 0)),
    ((0, 0, 0), (1, -2, 1), (0, 0, 0)),
    ((0, 1, 0), (0, -2, 0), (0, 1, 0)),
    ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
)


class HighPassFront(nn.Module):
    """An image beside its clipped high-pass residues: (N, 3, H, W) in [0, 1] -> (N, 18, H, W).

    Args:
        gain: Factor on the residues before clipping.
        clip: Residues are clipped to [-clip, clip], so that the picture's edges do not hide the small changes.
    """

    channels = 3 * (1 + len(HIGH_PASS_KERNELS))
    kernels: Tensor

    def __init__(self, gain: float = 8.0, clip: float = 3.0) -> None:
        super().__init__()
        self.gain, self.clip = gain, clip
        kernels = torch.tensor(HIGH_PASS_KERNELS, dtype=torch.float32).unsqueeze(1)  # (5, 1, 3, 3)
        self.register_buffer("kernels", kernels.repeat(3, 1, 1, 1), persistent=False)  # (15, 1, 3, 3), per channel

    def forward(self, image: Tensor) -> Tensor:
        """Append the residues."""
        # Full precision: under bf16 autocast a fraction of a grey level would round away, and resizing leaves no more.
        with torch.autocast(image.device.type, enabled=False):
            image = image.float()
            residues = F.conv2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), self.kernels, groups=3)
            return torch.cat([image * 2 - 1, (residues * self.gain).clamp(-self.clip, self.clip)], dim=1)
