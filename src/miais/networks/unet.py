"""The paper's steg-generator: a pix2pix U-Net that draws the container from the cover and the secret."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SMALLEST_SIZE = 32
SIZE_STEP = 16


def count_downsamplings(image_size: int) -> int:
    """Number of stride-2 convolutions of a U-Net for square images of a given side.

    The image is halved as often as it divides evenly while the innermost map keeps at least 2 px: powers of two end at
    2 px (256: 7 halvings, 32: 4), others at their odd factor (160 = 32 * 5: 5 halvings, 5 px; 112: 4 halvings, 7 px).

    Args:
        image_size: Side of the image in pixels, a multiple of 16, at least 32.

    Returns:
        The number of halvings, at least 4.

    Raises:
        ValueError: If the size is too small or no multiple of 16; names the nearest sizes that work.

    Example:
        >>> [count_downsamplings(size) for size in (32, 64, 128, 160, 256)]
        [4, 5, 6, 5, 7]
    """
    if image_size < SMALLEST_SIZE or image_size % SIZE_STEP:
        below = max(SMALLEST_SIZE, image_size // SIZE_STEP * SIZE_STEP)
        near = f"{below}" if image_size < SMALLEST_SIZE else f"{below} or {below + SIZE_STEP}"
        raise ValueError(
            f"image_size must be a multiple of {SIZE_STEP}, at least {SMALLEST_SIZE}, got {image_size}: use {near}"
        )
    halvings = 0
    while image_size % 2 == 0 and image_size >= 4:
        image_size //= 2
        halvings += 1
    return halvings


def down_stages(inputs: int, channels: Sequence[int]) -> nn.ModuleList:
    """Stride-2 convolutions of a U-Net, one for each entry of `channels`, its outputs; all but the ends with BatchNorm.

    Args:
        inputs: Channels of the image, or of several side by side.
        channels: After each convolution, from the outermost in.
    """
    stages = nn.ModuleList()
    for level, (incoming, outgoing) in enumerate(zip([inputs, *channels], channels, strict=False)):
        stage = nn.Sequential(nn.Conv2d(incoming, outgoing, 4, stride=2, padding=1, bias=False))
        if 0 < level < len(channels) - 1:
            stage.append(nn.BatchNorm2d(outgoing))
        stages.append(stage)
    return stages


def up_stages(channels: Sequence[int]) -> nn.ModuleList:
    """Transposed convolutions that undo `down_stages` of the same channels, to an image of three."""
    stages = nn.ModuleList()
    incoming = channels[-1]
    for outgoing in reversed(channels[:-1]):
        deconvolution = nn.ConvTranspose2d(incoming, outgoing, 4, stride=2, padding=1, bias=False)
        stages.append(nn.Sequential(deconvolution, nn.BatchNorm2d(outgoing)))
        incoming = 2 * outgoing
    stages.append(nn.Sequential(nn.ConvTranspose2d(incoming, 3, 4, stride=2, padding=1)))
    return stages


def through_stages(image: Tensor, down: nn.ModuleList, up: nn.ModuleList) -> Tensor:
    """Take an image through both halves of a U-Net.

    Args:
        image: Shape (N, C, H, W), H and W multiples of 2 to the power of the number of stages.
        down: Of `down_stages` for C inputs.
        up: Of `up_stages` for the same channels.

    Returns:
        What the last stage says, before any activation, shape (N, 3, H, W).
    """
    features = down[0](image)
    skips = []
    for stage in down[1:]:
        features = F.leaky_relu(features, 0.2)
        skips.append(features)
        features = stage(features)
    for stage in up[:-1]:
        features = torch.cat([skips.pop(), stage(F.relu(features))], dim=1)
    result: Tensor = up[-1](F.relu(features))
    return result


class UNetGenerator(nn.Module):
    """Hide a secret in a cover: forward(secret, cover) -> container.

    Down: 4x4 stride-2 convolutions without bias, LeakyReLU(0.2) before all but the first, BatchNorm after all but the
    first and the last. Up: ReLU, 4x4 stride-2 transposed convolution, BatchNorm, each input concatenated with the
    encoder map of its size; the last stage has a bias and a sigmoid instead of BatchNorm. The default has 7 halvings
    and 41,832,067 parameters.

    A skip carries the encoder map *after* its LeakyReLU, which the authors' in-place activation causes. Since every
    decoder stage begins with a ReLU and ReLU(LeakyReLU(x)) = ReLU(x), values and gradients are those of a plain skip.

    The innermost map has no BatchNorm and the next one at least 4x4 pixels, so a training batch of one image works.
    Weights come from torch's global generator: call `torch.manual_seed` first to repeat them.

    Args:
        image_size: Side S of the images in pixels, see `count_downsamplings`.
        width: Channels after the first convolution; they double with each halving up to 8 * width.

    Shape:
        - secret, cover: (N, 3, S, S), range [0, 1].
        - container: (N, 3, S, S), range [0, 1].

    Raises:
        ValueError: If `image_size` or `width` is unusable; in `forward`, if an image has another shape.

    References:
        Cui et al., Multitask Identity-Aware Image Steganography via Minimax Optimization, 2021.
        Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, CVPR 2017.

    Example:
        >>> generator = UNetGenerator(image_size=32, width=4)
        >>> generator(torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32)).shape
        torch.Size([2, 3, 32, 32])
    """

    def __init__(self, image_size: int = 256, width: int = 64) -> None:
        super().__init__()
        if width < 1:
            raise ValueError(f"width must be at least 1 channel, got {width}")
        self.image_size = image_size
        channels = [width * min(2**level, 8) for level in range(count_downsamplings(image_size))]
        self.down, self.up = down_stages(6, channels), up_stages(channels)
        self.apply(_initialise)

    def forward(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Draw the container."""
        side = self.image_size
        for name, image in (("secret", secret), ("cover", cover)):
            if image.shape != (secret.shape[0], 3, side, side):
                raise ValueError(
                    f"{name} must have shape (N, 3, {side}, {side}), the same N for secret and cover, got "
                    f"{tuple(image.shape)}: resize it to the generator's image_size {side}"
                )
        logits = through_stages(torch.cat([cover, secret], dim=1), self.down, self.up)
        # Under bf16 autocast a sigmoid near 1 would be rounded by a whole grey level.
        return torch.sigmoid(logits.to(cover.dtype))


def _initialise(module: nn.Module) -> None:
    """The authors' initialisation; transposed convolutions keep torch's."""
    if isinstance(module, nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
