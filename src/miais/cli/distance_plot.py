"""The demo's distances on a line, with the threshold: a small drawing for the report."""

from miais.cli.demo_report import DemoReport

_WIDTH, _LEFT, _RIGHT = 900, 130, 20


def distance_plot(report: DemoReport) -> str:
    """Draw every comparison: circles for the same person, squares for other people.

    Args:
        report: What the demo found.

    Returns:
        An SVG inside a block of the page.
    """
    farthest = max(distance for item in report.comparisons for distance in item.distances)
    scale = (_WIDTH - _LEFT - _RIGHT) / (1.1 * max(farthest, report.threshold))
    marks = []
    for item in report.comparisons:
        for distance in item.distances:
            x = _LEFT + scale * distance
            if item.expected_same:
                marks.append(f'<circle cx="{x:.1f}" cy="30" r="6" fill="var(--good)" fill-opacity=".45"/>')
            else:
                marks.append(
                    f'<rect x="{x - 5:.1f}" y="65" width="10" height="10" fill="var(--other)" fill-opacity=".45"/>'
                )
    border = _LEFT + scale * report.threshold
    label = (
        f"Distances to the secret's containers. Below the threshold of {report.threshold:.3f}: "
        f"{report.same_accepted:.0%} of those of the same person. Above: {report.different_refused:.0%} of those of "
        "other people."
    )
    return (
        f'<div class="plot"><svg viewBox="0 0 {_WIDTH} 120" role="img" aria-label="{label}">'
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="95" y2="95" stroke="var(--line)"/>'
        f'<line x1="{border:.1f}" x2="{border:.1f}" y1="10" y2="95" stroke="var(--ink)" stroke-dasharray="4 4"/>'
        f'<text x="0" y="35">same person</text><text x="0" y="75">other people</text>'
        f'<text x="{_LEFT}" y="114">distance 0</text>'
        f'<text x="{border:.1f}" y="114" text-anchor="middle">threshold {report.threshold:.3f}</text>'
        f"{''.join(marks)}</svg></div>"
    )
