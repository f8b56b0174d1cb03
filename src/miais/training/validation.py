"""Scores in the middle of training: people and covers that training does not see, containers rounded to 8 bits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.hiding import as_seen, hide_in
from miais.image import from_uint8, quantize, resize
from miais.metrics import ms_ssim, psnr
from miais.metrics.roc import roc_curve
from miais.metrics.verification import verification_accuracy
from miais.training.minimax_networks import MinimaxNetworks
from miais.training.task import Validation

_CHUNK = 64
_GRID_COLUMNS = 6
_RESIDUAL_GAIN = 5.0


@dataclass(frozen=True)
class FixedPairs:
    """Verification pairs by position: who is compared with whom.

    Attributes:
        first: Position of one image of each pair, int64, shape (P,).
        second: Position of the other, int64, shape (P,).
        same: Whether both show one person, bool, shape (P,).
        fold: Fold of each pair, int64, shape (P,).
    """

    first: Tensor
    second: Tensor
    same: Tensor
    fold: Tensor


@dataclass(frozen=True)
class Validator:
    """Fixed secrets in fixed covers.

    Attributes:
        secrets: uint8, shape (N, 3, S, S).
        covers: A cover for each, uint8, shape (N, 3, C, C).
        labels: Identities of the classifiers' head, int64, shape (N,); used where `pairs` is None.
        pairs: Pairs of people unseen in training; None to score classification of known labels instead.
        device: Where the networks are.
    """

    secrets: Tensor
    covers: Tensor
    labels: Tensor
    pairs: FixedPairs | None
    device: torch.device

    @torch.inference_mode()
    def recognizer(self, classifier: nn.Module) -> Validation:
        """Score a classifier on the plain secrets."""
        score, numbers = self._recognition([classifier], self._chunks(self.secrets))
        return Validation(score, numbers)

    @torch.inference_mode()
    def hiding(self, networks: MinimaxNetworks, psnr_db: float | None) -> Validation:
        """Score a whole system, containers rounded to 8 bits, under a PSNR budget in dB.

        The score is recognition less L_vis of Eq. 4 and, with a restorer, less L_res of Eq. 8, MS-SSIM as defined:
        without a budget to hold it, a generator that shows the secret would be recognised best.
        """
        seen, decibels, visual, restored_decibels, restoration = [], [], [], [], []
        first: list[Tensor] = []
        for secrets, covers in zip(self._chunks(self.secrets), self._chunks(self.covers), strict=True):
            container = quantize(hide_in(networks.generator, secrets, covers, psnr_db=psnr_db))
            seen.append(as_seen(networks.generator, container, secrets.shape[-1]))
            decibels.append(psnr(container, covers))
            visual.append(1 - ms_ssim(container, covers))
            if networks.restorer is not None:
                restored = networks.restorer(seen[-1])
                restored_decibels.append(psnr(restored, secrets))
                restoration.append(1 - ms_ssim(restored, secrets))
            if not first:
                small, shown = (
                    resize(images, (secrets.shape[-2], secrets.shape[-1])) for images in (covers, container)
                )
                first = [secrets, small, shown, 0.5 + _RESIDUAL_GAIN * (shown - small)]
                first += [restored] if networks.restorer is not None else []
        recognized, numbers = self._recognition(list(networks.classifiers), seen)
        numbers["container_psnr_db"] = float(torch.cat(decibels).clamp(max=99).mean())
        numbers["visual"] = float(torch.cat(visual).mean())
        if restoration:
            numbers["restored_psnr_db"] = float(torch.cat(restored_decibels).mean())
            numbers["restoration"] = float(torch.cat(restoration).mean())
        score = recognized - numbers["visual"] - numbers.get("restoration", 0.0)
        return Validation(score, numbers, _grid(first))

    def _chunks(self, pixels: Tensor) -> Iterator[Tensor]:
        for chunk in pixels.split(_CHUNK):
            yield from_uint8(chunk.to(self.device)).contiguous(memory_format=torch.channels_last)

    def _recognition(self, classifiers: list[nn.Module], images: Iterable[Tensor]) -> tuple[float, dict[str, float]]:
        """Score recognition, and say the numbers.

        Of pairs the score is the area under the ROC curve: the accuracy of two thousand pairs differs by a point
        between one set of covers and the next, more than good checkpoints differ by; the area by a third of a point.
        """
        for classifier in classifiers:
            classifier.eval()
        answers = [[classifier(chunk) for classifier in classifiers] for chunk in images]
        if self.pairs is None:
            logits = torch.cat([torch.stack([answer.logits for answer in chunk]).mean(dim=0) for chunk in answers])
            accuracy = float((logits.argmax(dim=1).cpu() == self.labels).double().mean())
            return accuracy, {"accuracy": accuracy}
        vectors = [torch.cat([F.normalize(answer.embedding.float()) for answer in chunk], dim=1) for chunk in answers]
        embeddings = F.normalize(torch.cat(vectors)).cpu()
        distances = (embeddings[self.pairs.first] - embeddings[self.pairs.second]).norm(dim=1)
        area = roc_curve(distances, self.pairs.same).auc
        accuracy = verification_accuracy(distances, self.pairs.same, self.pairs.fold).mean
        return area, {"accuracy": accuracy, "auc": area}


def _grid(rows: list[Tensor]) -> Tensor:
    """Secrets, covers, containers, residuals and restored secrets, one column a pair."""
    strips = [torch.cat(list(row[:_GRID_COLUMNS].float().clamp(0, 1).cpu()), dim=2) for row in rows]
    return torch.cat(strips, dim=1)
