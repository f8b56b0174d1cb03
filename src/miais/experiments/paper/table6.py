"""Table VI: peers that also learn to be recognised, and the multitask system."""

from functools import partial
from pathlib import Path

from miais.experiments.paper.columns import ACCURACY, FIDELITY, METHOD, NOTES, PSNR, RECOGNITION, SEEDS, number
from miais.experiments.paper.table import PaperTable, rows_by_recipe
from miais.experiments.paper.table3 import trained_score
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES
from miais.peers import PEERS

METHODS = {f"peer_{name}": f"{method.title}*" for name, method in PEERS.items()} | {"paper_multi": "MIAIS"}
"""Recipes, and what they are called."""
RESTORED = number("restored, dB", "restored", "mean_psnr_db", digits=2)
RESTORATION = (
    number("restored: MSE", "restored", "mse"),
    RESTORED,
    number("MS-SSIM", "restored", "ms_ssim"),
    number("MS-SSIM, authors'", "restored", "ms_ssim_miais"),
)


def table6(workshop: Workshop, folder: Path) -> PaperTable:
    """Return Table VI."""
    (world,) = workshop.scale.worlds(FACES)
    rows = rows_by_recipe(METHODS, partial(workshop.settings, world), partial(trained_score, workshop, world))
    columns = (METHOD, SEEDS, *FIDELITY, *RESTORATION, *RECOGNITION)
    notes = (
        *NOTES,
        "An asterisk: the method's own losses, cross-entropy and triplet loss on its containers, trained jointly. All "
        "rows have the same steps, batches and secret classifier.",
    )
    short = (METHOD, PSNR, RESTORED, ACCURACY)
    return PaperTable("Table VI: methods that restore", rows, columns, notes, short)
