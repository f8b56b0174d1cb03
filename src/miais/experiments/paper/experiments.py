"""The paper's experiments by their names."""

from collections.abc import Callable, Mapping
from pathlib import Path

from miais.experiments.paper import PaperName
from miais.experiments.paper.alone import alone
from miais.experiments.paper.bits import bits
from miais.experiments.paper.fig2 import fig2
from miais.experiments.paper.fig5 import fig5
from miais.experiments.paper.fig7 import fig7
from miais.experiments.paper.lowdata import lowdata
from miais.experiments.paper.pictures import fig6, fig8
from miais.experiments.paper.table import PaperTable
from miais.experiments.paper.table3 import table3
from miais.experiments.paper.table4 import table4
from miais.experiments.paper.table5 import table5
from miais.experiments.paper.table6 import table6
from miais.experiments.paper.table7 import table7
from miais.experiments.paper.threshold import threshold
from miais.experiments.paper.workshop import Workshop

PAPER: Mapping[PaperName, Callable[[Workshop, Path], PaperTable]] = {
    "table3": table3,
    "table4": table4,
    "table5": table5,
    "table6": table6,
    "table7": table7,
    "fig2": fig2,
    "fig5": fig5,
    "fig6": fig6,
    "fig7": fig7,
    "fig8": fig8,
    "threshold": threshold,
    "lowdata": lowdata,
    "alone": alone,
    "bits": bits,
}
"""From where systems are trained, and the folder of figures, to the table."""
