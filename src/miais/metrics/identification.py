"""Who is this? Closed-set identification of probes among enrolled people by the nearest embedding."""

from dataclasses import dataclass

import torch
from torch import Tensor

from miais.metrics.bootstrap import bootstrap_interval, weighted_mean

_BLOCK = 1024  # probes whose distances are held in memory at a time


@dataclass(frozen=True)
class IdentificationReport:
    """Identification scores of one system; fractions, not percent.

    Attributes:
        rank_1: Share of probes whose own identity is the nearest one.
        rank_5: Share of probes whose own identity is among the five nearest.
        cmc: Share of probes whose own identity is among the k nearest, for k = 1, 2, ... up to all identities.
        probes: Number of probes.
        gallery: Number of enrolled embeddings.
        rank_1_low: Lower end of the 95% interval of `rank_1` over the identities of the probes.
        rank_1_high: Upper end.
    """

    rank_1: float
    rank_5: float
    cmc: tuple[float, ...]
    probes: int
    gallery: int
    rank_1_low: float
    rank_1_high: float


def identification_report(
    gallery_embeddings: Tensor,
    gallery_identities: Tensor,
    probe_embeddings: Tensor,
    probe_identities: Tensor,
) -> IdentificationReport:
    """Score a system on a fixed gallery and fixed probes.

    Args:
        gallery_embeddings: Of the enrolled images, one or more for each identity, shape (G, D), or (C, G, D) for a mean
            over C copies of gallery and probes, as in several covers.
        gallery_identities: Integer, shape (G,).
        probe_embeddings: Of the queries, shape (P, D) or (C, P, D).
        probe_identities: Integer, shape (P,), all of them in the gallery.

    Returns:
        The report.

    Raises:
        TypeError: If identities are not integers.
        ValueError: As `probe_ranks`.

    Example:
        >>> gallery, probes = torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[0.1], [0.9], [1.2]])
        >>> report = identification_report(gallery, torch.tensor([7, 8, 9]), probes, torch.tensor([7, 8, 9]))
        >>> report.cmc
        (0.6666666666666666, 1.0, 1.0)
    """
    galleries, probes = (each if each.ndim == 3 else each[None] for each in (gallery_embeddings, probe_embeddings))
    ranks = torch.stack(
        [
            probe_ranks(gallery, gallery_identities, probe, probe_identities)
            for gallery, probe in zip(galleries, probes, strict=True)
        ]
    )  # (C, P)
    curve = cmc(ranks.flatten(), len(gallery_identities.unique()))
    hits = (ranks == 1).double().mean(dim=0)
    interval = bootstrap_interval(lambda weights: weighted_mean(hits, weights), probe_identities)
    return IdentificationReport(
        rank_1=curve[0].item(),
        rank_5=curve[:5][-1].item(),
        cmc=tuple(curve.tolist()),
        probes=len(probe_identities),
        gallery=len(gallery_identities),
        rank_1_low=interval.low,
        rank_1_high=interval.high,
    )


def probe_ranks(
    gallery_embeddings: Tensor, gallery_identities: Tensor, probe_embeddings: Tensor, probe_identities: Tensor
) -> Tensor:
    """Place of each probe's own identity among all identities, by Euclidean distance to their nearest embedding.

    Ties are counted against the probe: an identity as near as its own one stands before it.

    Args:
        gallery_embeddings: Shape (G, D).
        gallery_identities: Integer, shape (G,).
        probe_embeddings: Shape (P, D).
        probe_identities: Integer, shape (P,).

    Returns:
        Ranks from 1, int64, shape (P,).

    Raises:
        TypeError: If identities are not integers.
        ValueError: If shapes do not fit, either set is empty, an embedding is not finite, or a probe's identity is not
            in the gallery.

    Example:
        >>> gallery, probes = torch.tensor([[0.0], [1.0]]), torch.tensor([[0.1], [0.2]])
        >>> probe_ranks(gallery, torch.tensor([7, 8]), probes, torch.tensor([7, 8]))
        tensor([1, 2])
    """
    gallery_embeddings, gallery_identities = _check_set("gallery", gallery_embeddings, gallery_identities)
    probe_embeddings, probe_identities = _check_set("probe", probe_embeddings, probe_identities)
    if gallery_embeddings.shape[1] != probe_embeddings.shape[1]:
        raise ValueError(
            f"expected embeddings of one length, got {gallery_embeddings.shape[1]} in the gallery and "
            f"{probe_embeddings.shape[1]} in the probes"
        )
    missing = probe_identities[~torch.isin(probe_identities, gallery_identities)]
    if len(missing):
        raise ValueError(f"probe identity {int(missing[0])} is not in the gallery; enrol it or leave its probes out")

    enrolled, column = gallery_identities.unique(return_inverse=True)
    own_column = torch.searchsorted(enrolled, probe_identities)
    ranks = []
    for probes, own in zip(probe_embeddings.split(_BLOCK), own_column.split(_BLOCK), strict=True):
        # Not by inner products: equal embeddings must have exactly equal distances.
        distances = torch.cdist(probes, gallery_embeddings, compute_mode="donot_use_mm_for_euclid_dist")
        nearest = distances.new_zeros(len(probes), len(enrolled))
        nearest.scatter_reduce_(1, column.expand_as(distances), distances, "amin", include_self=False)
        ranks.append((nearest <= nearest.gather(1, own[:, None])).sum(dim=1))
    return torch.cat(ranks)


def cmc(ranks: Tensor, identities: int) -> Tensor:
    """Cumulative match characteristic: the share of probes found within the first k identities.

    Args:
        ranks: Rank of each probe's own identity, from 1, shape (P,).
        identities: Number of identities in the gallery.

    Returns:
        The shares for k = 1, ..., `identities`, float64, shape (identities,), never falling and 1 at the end.

    Raises:
        ValueError: If there are no ranks or one is outside [1, identities].

    Example:
        >>> cmc(torch.tensor([1, 1, 3, 2]), identities=3).tolist()
        [0.5, 0.75, 1.0]
    """
    if ranks.ndim != 1 or ranks.numel() == 0 or not ((ranks >= 1) & (ranks <= identities)).all():
        raise ValueError(f"expected at least one rank and all in [1, {identities}], got {ranks.tolist()}")
    return (ranks - 1).bincount(minlength=identities).cumsum(dim=0).double() / len(ranks)


def _check_set(name: str, embeddings: Tensor, identities: Tensor) -> tuple[Tensor, Tensor]:
    if identities.is_floating_point() or identities.dtype == torch.bool:
        raise TypeError(f"expected integer {name} identities, got {identities.dtype}; number the people first")
    if embeddings.ndim != 2 or embeddings.numel() == 0 or identities.shape != embeddings.shape[:1]:
        raise ValueError(
            f"expected {name} embeddings (N, D) and identities (N,), N and D at least 1, "
            f"got {tuple(embeddings.shape)} and {tuple(identities.shape)}"
        )
    embeddings = embeddings.detach().double().cpu()
    if not embeddings.isfinite().all():
        raise ValueError(f"expected finite {name} embeddings, got NaN or infinity")
    return embeddings, identities.cpu()
