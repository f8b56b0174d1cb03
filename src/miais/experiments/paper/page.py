"""`index.html`: all tables and figures that a folder has, beside the paper's own numbers."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from miais.experiments.paper.published import PUBLISHED, Published
from miais.experiments.results import TABLE, write_whole

PAGE = "index.html"
_FRAME = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>miais: the paper's experiments</title>
<style>
:root { --ink: #1b1f24; --soft: #5b6470; --line: #d5dae0; --page: #fff; --tint: #f3f5f7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a2abb6; --line: #3a414a; --page: #14171b;
  --tint: #1d2126; } }
body { margin: 0 auto; max-width: 78rem; padding: 1.5rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th { background: var(--tint); white-space: normal; vertical-align: bottom; }
.wide { overflow-x: auto; margin: .6rem 0; }
.note, footer { color: var(--soft); font-size: .85rem; }
img { max-width: 100%; background: #fff; margin: .6rem 0; }
nav a { margin-right: 1rem; }
</style>
</head>
<body>
<h1>The paper's experiments</h1>
<p>Cui et al., Multitask Identity-Aware Image Steganography via Minimax Optimization, IEEE TIP 2021, run again.
People, covers, recogniser and budget are others than the paper's: compare rows with each other, and read the paper's
numbers for what they say of its own rows.</p>
<nav>$links</nav>
$sections
</body>
</html>
""")


def write_page(folder: Path, order: Sequence[str] = ()) -> Path:
    """Write the page of a folder with one experiment, or with one in each folder below.

    Args:
        folder: With `table.json`, or with folders that have it, by the experiments' names.
        order: Names of experiments; they come in this order, and others after them.

    Returns:
        The page; it shows the figures where they lie.
    """
    names = sorted(path.parent.name for path in folder.glob(f"*/{TABLE}.json"))
    names = [name for name in order if name in names] + [name for name in names if name not in order]
    found = [folder] if (folder / f"{TABLE}.json").is_file() else [folder / name for name in names]
    sections = {each.name: _section(each, folder) for each in found}
    links = "".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in sections)
    path = folder / PAGE
    write_whole(path, _FRAME.substitute(links=links, sections="\n".join(sections.values())))
    return path


def _section(folder: Path, page: Path) -> str:
    content: dict[str, Any] = json.loads((folder / f"{TABLE}.json").read_text(encoding="utf-8"))
    parts = [f'<section id="{escape(folder.name)}"><h2>{escape(content["title"])}</h2>']
    parts.append(_table(content["columns"], content["cells"]))
    parts += [f'<p class="note">{escape(note)}</p>' for note in content["notes"]]
    parts += [_figure(path.relative_to(page)) for path in sorted(folder.glob("*.png"))]
    published = PUBLISHED.get(content["provenance"]["data"]["experiment"])
    if published is not None:
        parts.append(_of_the_paper(published))
    made = content["provenance"]
    parts.append(f"<footer>{escape(str(made['rows']))}; {escape(str(made['command']))}</footer></section>")
    return "\n".join(parts)


def _of_the_paper(published: Published) -> str:
    return f"<h3>The paper's own numbers</h3>{_table(published.columns, published.rows)}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _figure(path: Path) -> str:
    return f'<figure><img alt="{escape(path.stem)}" src="{escape(quote(path.as_posix()))}" loading="lazy"></figure>'
