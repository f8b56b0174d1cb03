"""The documentation site builds, with every link and every name of its reference."""

from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config

ROOT = Path(__file__).parents[2]


def test_the_site_builds_without_a_warning(tmp_path):
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path), strict=True))  # raises where it warns
    assert "StegoSystem" in (tmp_path / "api" / "index.html").read_text(encoding="utf-8")
