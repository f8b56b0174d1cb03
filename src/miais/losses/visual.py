"""Eq. 4 and Eq. 8: how far an image is from the one it should look like."""

from typing import Literal

from torch import Tensor

from miais.metrics import mean_squared_error, ms_ssim


def _dissimilarity(
    image: Tensor, reference: Tensor, variant: Literal["standard", "miais"], mse_weight: float
) -> Tensor:
    loss = 1 - ms_ssim(image, reference, variant=variant).mean()
    return loss + mse_weight * mean_squared_error(image, reference).mean() if mse_weight else loss


def visual_similarity_loss(
    container: Tensor,
    cover: Tensor,
    *,
    variant: Literal["standard", "miais"] = "standard",
    mse_weight: float = 0.0,
) -> Tensor:
    """L_vis of Eq. 4: 1 - MS-SSIM(container, cover), mean over the batch.

    Args:
        container: Shape (N, 3, H, W), range [0, 1].
        cover: The same shape and range.
        variant: MS-SSIM as defined, or as the authors' code computes it.
        mse_weight: Weight of an added mean squared error; the authors' single-task code adds it with weight 1.

    Returns:
        Scalar, 0 for equal images.

    Example:
        >>> import torch
        >>> cover = torch.rand(1, 3, 64, 64)
        >>> round(float(visual_similarity_loss(cover, cover)), 5)
        0.0
    """
    return _dissimilarity(container, cover, variant, mse_weight)


def restoration_loss(
    restored: Tensor,
    secret: Tensor,
    *,
    variant: Literal["standard", "miais"] = "standard",
    mse_weight: float = 0.0,
) -> Tensor:
    """L_res of Eq. 8: 1 - MS-SSIM(restored, secret), mean over the batch.

    Args:
        restored: Shape (N, 3, S, S), range [0, 1].
        secret: The same shape and range.
        variant: MS-SSIM as defined, or as the authors' code computes it.
        mse_weight: Weight of an added mean squared error.

    Returns:
        Scalar, 0 for equal images.
    """
    return _dissimilarity(restored, secret, variant, mse_weight)
