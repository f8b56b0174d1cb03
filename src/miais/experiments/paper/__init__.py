"""The paper's tables and figures, each from trainings of its own on real data; `experiments` has them."""

from typing import Literal

PaperName = Literal[
    "table3",
    "table4",
    "table5",
    "table6",
    "table7",
    "fig2",
    "fig5",
    "fig6",
    "fig7",
    "fig8",
    "threshold",
    "lowdata",
    "alone",
    "bits",
]
