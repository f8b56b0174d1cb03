"""What the README shows is run, with tiny systems under the names of the bundled ones."""

import re
import shlex
from pathlib import Path

import pytest
from support.systems import tiny_lattice

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def quick_start(tiny_multi, picture, tmp_path, monkeypatch):
    """The section with the ten lines, in a folder with the pictures that they name."""
    (tmp_path / "systems").mkdir()
    for name in ("lfw-single", "lfw-robust"):
        tiny_lattice(tmp_path / "systems" / name)
    (tmp_path / "systems/lfw-multi").symlink_to(tiny_multi, target_is_directory=True)
    monkeypatch.setattr("miais.system_folder.BUNDLED", tmp_path / "systems")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.key").write_text("5c" * 32)
    for seed, name in enumerate(("face.jpg", "other.jpg", "holiday.jpg", "photographs/lake.jpg")):
        picture(name, 90, 120, seed=seed)
    return README.read_text(encoding="utf-8").split("## In ten lines")[1].split("\n## ")[0]


def test_python_lines_run(quick_start):
    """They once restored `...`, which is no picture."""
    (code,) = re.findall(r"```python\n(.*?)```", quick_start, re.DOTALL)
    names = {}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102
    assert names["vector"].shape == (1, 32)
    assert names["restored"].shape == (3, 32, 32)


def test_shell_lines_run_one_after_the_other(quick_start, miais):
    """They once restored a container that none of them made, and that the default system cannot make."""
    (block,) = re.findall(r"```\n(miais .*?)```", quick_start, re.DOTALL)
    for line in block.splitlines():
        result = miais(*shlex.split(line, comments=True)[1:])
        assert result.exit_code == 0, (line, result.stderr)
