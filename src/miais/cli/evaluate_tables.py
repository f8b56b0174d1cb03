"""An evaluation as tables."""

from collections.abc import Sequence

from miais.cli.output import print_table
from miais.evaluation.classes import ClassEvaluation
from miais.evaluation.face_scores import FaceEvaluation, Recognition
from miais.steganalysis.detection import Detection

_FURTHER = ("VAL@FAR 1e-2", "EER", "rank-1", "restored dB")


def print_scores(results: Sequence[ClassEvaluation | FaceEvaluation], detected: Detection) -> None:
    """Print all scores of the first result, and of several a line each."""
    print_table(("", "plain secret", "container"), _rows(results[0], detected))
    if len(results) > 1:
        print_table(("distortion", "Acc", "drop [95%]", *_FURTHER), [_row(result) for result in results])


def _row(result: ClassEvaluation | FaceEvaluation) -> tuple[str, ...]:
    if isinstance(result, ClassEvaluation):
        return (result.distortion, f"{result.accuracy:.4f}", _drop(result), *("" for _ in _FURTHER))
    pairs, people = result.hidden.verification, result.hidden.identification
    return (
        result.distortion,
        f"{pairs.accuracy:.4f}",
        _drop(result),
        f"{pairs.val_at_far_1e2:.4f}",
        f"{pairs.eer:.4f}",
        "" if people is None else f"{people.rank_1:.4f}",
        "" if result.restored is None else f"{result.restored.mean_psnr_db:.2f}",
    )


def _drop(result: ClassEvaluation | FaceEvaluation) -> str:
    return f"{result.drop.drop:+.2f} [{result.drop.low:+.2f}, {result.drop.high:+.2f}]"


def _rows(result: ClassEvaluation | FaceEvaluation, detected: Detection) -> list[tuple[str, str, str]]:
    fidelity = result.container
    rows = [
        ("containers", "", str(fidelity.images)),
        ("distortion", "", result.distortion),
        ("MSE", "", f"{fidelity.mse:.3g}"),
        ("PSNR, mean of images (dB)", "", f"{fidelity.mean_psnr_db:.2f}"),
        ("PSNR of mean MSE (dB)", "", f"{fidelity.psnr_of_mean_db:.2f}"),
        ("PSNR, worst image (dB)", "", f"{fidelity.worst_psnr_db:.2f}"),
        ("MS-SSIM, standard", "", f"{fidelity.ms_ssim:.4f}"),
        ("MS-SSIM, authors' scale", "", f"{fidelity.ms_ssim_miais:.4f}"),
    ]
    area = f"{detected.auc:.4f} [{detected.auc_low:.4f}, {detected.auc_high:.4f}]"
    if isinstance(result, ClassEvaluation):
        rows.append(("accuracy", f"{result.plain_accuracy:.4f}", f"{result.accuracy:.4f}"))
    else:
        if result.restored is not None:
            rows += [
                ("restored PSNR, mean of images (dB)", "", f"{result.restored.mean_psnr_db:.2f}"),
                ("restored PSNR of mean MSE (dB)", "", f"{result.restored.psnr_of_mean_db:.2f}"),
                ("restored MS-SSIM", "", f"{result.restored.ms_ssim:.4f}"),
            ]
        columns = [_recognition(kind) for kind in (result.plain, result.hidden)]
        rows += [(name, columns[0][name], columns[1][name]) for name in columns[0]]
    return [
        *rows,
        ("paired accuracy drop, points [95%]", "", _drop(result)),
        ("StegExpose, AUC [95%]", "", area),
    ]


def _recognition(scores: Recognition) -> dict[str, str]:
    pairs, people = scores.verification, scores.identification
    cells = {
        "Acc, 10 folds [95%]": f"{pairs.accuracy:.4f} [{pairs.accuracy_low:.4f}, {pairs.accuracy_high:.4f}]",
        "VAL@FAR 1e-2": f"{pairs.val_at_far_1e2:.4f}",
        "VAL@FAR 1e-3": f"{pairs.val_at_far_1e3:.4f}",
        "EER": f"{pairs.eer:.4f}",
        "AUC": f"{pairs.auc:.4f}",
    }
    if people is not None:
        cells["rank-1 [95%]"] = f"{people.rank_1:.4f} [{people.rank_1_low:.4f}, {people.rank_1_high:.4f}]"
        cells["rank-5"] = f"{people.rank_5:.4f}"
    return cells
