"""`miais experiment`: tables that take long, row by row; a stopped one goes on where it was."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from miais.cli.evaluate import COVERS, SECRETS
from miais.cli.options import AsJson
from miais.experiments.paper import PaperName

EXAMPLES = """\b
Examples:
  miais experiment privacy lfw-single --protocol ../shared/protocol --data-root ../shared/data \\
    --recognizer runs/other --other lfw-multi --out out/privacy
  miais experiment privacy lfw-single --tiny --out out/try
  miais experiment strength lfw-single --protocol ../shared/protocol --data-root ../shared/data --out out/strength
  miais experiment ablation lfw-single --group robust --data-root ../shared/data --out out/ablation
  miais experiment table3 --data-root ../shared/data --out out/table3
  miais experiment bits lfw-single --other lfw-multi --protocol PROTOCOL --data-root DATA --out out/bits
"""
_STRENGTHS = (0.125, 0.25, 0.5, 0.75, 1.0)
_SHOWN = ", ".join(map(str, _STRENGTHS))
ExperimentName = Literal["privacy", "strength", "ablation", "detection", PaperName, "all"]


def experiment(
    name: Annotated[
        ExperimentName,
        typer.Argument(
            metavar="NAME",
            help="privacy, strength, ablation, bits or detection of a MODEL; table3 to table7, fig2, fig5 to "
            "fig8, threshold, lowdata, alone or, without a MODEL, bits of the paper; all: each of the paper.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Gets rows, tables and figures; goes on with those in it.")],
    model: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="A system that comes with miais, or a folder; the paper's make theirs."),
    ] = None,
    protocol: Annotated[Path | None, typer.Option(metavar="DIR", help="The protocol's CSV files.")] = None,
    data_root: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder with the sets.")] = None,
    covers: Annotated[str | None, typer.Option(metavar="NAME", help="Cover set.", show_default=COVERS)] = None,
    secrets: Annotated[str | None, typer.Option(metavar="NAME", help="Set of faces.", show_default=SECRETS)] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="privacy: training of each row that is trained. the paper's: begin no row after so many.",
            show_default="10; the paper's no limit",
        ),
    ] = None,
    pairs: Annotated[
        int | None, typer.Option(min=2, help="Training pairs at most, for small memories; by default all.")
    ] = None,
    tiny: Annotated[
        bool, typer.Option("--tiny", help="Try everything in a minute, on bundled digits; the numbers mean nothing.")
    ] = False,
    recognizer: Annotated[
        str | None,
        typer.Option(metavar="NAME|DIR", help="privacy: a system or run whose secret classifier is the stranger's."),
    ] = None,
    others: Annotated[
        list[str] | None,
        typer.Option(
            "--other",
            metavar="NAME|DIR",
            help="privacy: a system that reads too. strength, bits, detection: another one to show. Repeat.",
        ),
    ] = None,
    detectors: Annotated[
        list[Path] | None,
        typer.Option("--detector", metavar="DIR", help="detection: a trained detector beside StegExpose; repeat."),
    ] = None,
    strengths: Annotated[
        list[float] | None,
        typer.Option(
            "--strength", min=0, max=10, help="strength: one of the curve; repeat.", show_default=str(_STRENGTHS)
        ),
    ] = None,
    group: Annotated[
        Literal["single", "robust", "multi", "digits"], typer.Option(help="ablation: the recipe that is taken apart.")
    ] = "single",
    row: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="ablation: compute this row alone, of those of the table; repeat. So several machines, or processes, "
            "can share a folder; the command without it makes the table of them all.",
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="ablation: budget of each row, in steps of the full recipe. The paper's, at the small scale: of each "
            "system.",
            show_default="400; the paper's 2000",
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="ablation and the paper's: trainings of each row, from --seed on.",
            show_default="3; the paper's 1",
        ),
    ] = None,
    scale: Annotated[
        Literal["small", "paper"],
        typer.Option(help="the paper's: small is for two CPU cores, paper has its networks and 256 px."),
    ] = "small",
    systems: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="the paper's: keeps what is trained, for others too.", show_default="OUT/systems"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    accelerator: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="What computes.")] = "auto",
    precision: Annotated[str, typer.Option(help="32-true or bf16-mixed, of what is trained.")] = "32-true",
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run an experiment on a system: DIR/table.md, DIR/table.json and figures.

    privacy: what attackers with a recogniser, pairs, the cover or the weights learn from MODEL's containers. strength:
    PSNR against accuracy of MODEL. ablation: the strong recipes without one of their ideas, trained on MODEL's secret
    classifier and scored on validation people. bits: which bits, levels, channels, colours and frequencies of its
    covers MODEL changes. detection: ROC curves of StegExpose and trained detectors on MODEL's containers.

    table3 to table7, fig2, fig5 to fig8, threshold, lowdata, alone, and bits without a MODEL: the paper's tables and
    figures, trained and scored again at one budget for all rows; its own numbers are beside them in DIR/index.html.
    all: each, in a folder of its own. The same command in several processes shares the work: each takes rows that no
    other has.

    Every row is written as soon as it is known, to DIR/rows; the same command goes on after them. A system of digits is
    tried on the bundled digits, so it takes no protocol, data or names of sets.
    """
    from miais.cli.experiment_options import ExperimentOptions
    from miais.cli.scoring import Sources

    options = ExperimentOptions(
        model=model,
        out=out,
        sources=Sources(protocol, data_root, covers, secrets),
        minutes=minutes,
        pairs=pairs,
        tiny=tiny,
        seed=seed,
        accelerator=accelerator,
        precision=precision,
        threads=threads,
        as_json=as_json,
    )
    match name:  # what an experiment alone takes is handed to it here
        case "privacy":
            from miais.cli.experiment_privacy import run_privacy_experiment

            run_privacy_experiment(options, recognizer=recognizer, others=others or [])
        case "strength":
            from miais.cli.experiment_strength import run_strength_experiment

            run_strength_experiment(options, strengths=strengths or _STRENGTHS, others=others or [])
        case "bits" if model is not None:
            from miais.cli.experiment_bits import run_bits_experiment

            run_bits_experiment(options, others=others or [])
        case "detection":
            from miais.cli.experiment_detection import run_detection_experiment

            run_detection_experiment(options, others=others or [], detectors=detectors or [])
        case "ablation":
            from miais.cli.experiment_ablation import run_ablation_experiment

            run_ablation_experiment(options, group=group, chosen=row or [], steps=steps or 400, seeds=seeds or 3)
        case _:
            from miais.cli.experiment_paper import run_paper_experiments

            if model is not None:
                raise typer.BadParameter("the paper's experiments train their own systems", param_hint="MODEL")
            run_paper_experiments(options, name=name, scale=scale, steps=steps, seeds=seeds or 1, systems=systems)
