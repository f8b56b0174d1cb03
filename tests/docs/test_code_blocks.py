"""Every block of code in the README and the documentation is run, page by page, in a folder with what it names.

Commands run as they stand, with tiny systems under the names of the bundled ones. What would take long is cut short, as
`CUT` says, and a tiny system lies where a training would have left one.
"""

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.detectors import untrained_detector
from support.doc_server import DocServer
from support.doc_world import write_doc_world, write_full_size, write_recognizer, write_systems
from typer.main import get_command
from typer.testing import CliRunner

from miais.cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
PAGES = [page for page in PAGES if "experiments" not in page.parts]  # written by programs
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
CUT = {
    "train": ("--minutes", "0", "--accelerator", "cpu", "--set", "data.workers=0"),
    "train steganalyser": (
        "--minutes",
        "0",
        "--pairs",
        "10",
        "--accelerator",
        "cpu",
        "--set",
        "workers=0",
        "--set",
        "image_size=32",
    ),
    "experiment": ("--tiny",),
}
# What sets a machine up, or needs an engine, a cluster or a GPU.
NOT_HERE = (
    "make",
    "pip",
    ".venv/bin/python",
    "PIP_EXTRA_INDEX_URL",
    "MALLOC_MMAP_MAX_",
    "docker",
    "nvidia-cuda",
    "for ",
)


# What needs trainings to their end is read, and not run.
READ_ONLY = "miais experiment privacy"


def blocks_of(page):
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def commands_of(block):
    """Its lines, joined where they go on."""
    return [line for line in block.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    write_doc_world(folder)
    write_systems(folder / "systems")
    return folder


@pytest.fixture
def page(request, world, tmp_path, monkeypatch):
    """A page, and a copy of the world for it, with the tiny systems as those of the package."""
    shutil.copytree(world, tmp_path / "page", symlinks=True)
    text = request.param.read_text(encoding="utf-8")
    if "steganalyze containers/" in text:
        shutil.copytree(tmp_path / "page/project/photographs", tmp_path / "page/project/containers")
    if "my-recognizer" in text:
        write_recognizer(tmp_path / "page/project")
    if "--start-from lfw-single" in text:
        write_full_size(tmp_path / "page/systems/lfw-single")
    monkeypatch.setattr("miais.system_folder.BUNDLED", tmp_path / "page/systems")
    monkeypatch.chdir(tmp_path / "page/project")
    return request.param


@pytest.fixture
def server(page, tmp_path):
    """What `miais serve` starts, beside the page's other commands."""
    server = DocServer(tmp_path / "page/systems")
    yield server
    server.stop()


def in_shell(line):
    """Run what is not a verb of ours; `python` is the one of the tests."""
    Path("bin").mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        Path("bin/python").symlink_to(sys.executable)
    path = f"{Path('bin').resolve()}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["bash", "-euc", line], check=True, timeout=120, env={**os.environ, "PATH": path})  # noqa: S603, S607


def run_verb(arguments, server):
    verb = arguments[0]
    if verb == "serve":
        server.start(arguments)
        return
    if "miais-gallery" in arguments:
        server.stop()  # one process at a time has a gallery open
    cut = CUT.get(" ".join(arguments[:2]), CUT.get(verb, ()))
    if "--protocol" in arguments:  # The world is small already, and --tiny is of digits.
        cut = [option for option in cut if option != "--tiny"]
    result = CliRunner().invoke(app, [*arguments, *cut])
    assert result.exit_code == 0, (arguments, result.stderr, result.exception)
    if verb == "train" and "--out" in arguments:
        leave_result(arguments[1], Path(arguments[arguments.index("--out") + 1]))


def leave_result(recipe, folder):
    """Put a tiny system, or an untrained detector, where the training would have put one."""
    if recipe == "steganalyser":
        untrained_detector(folder / "detector")
    elif not (folder / "system").exists():
        shutil.copytree(Path("../systems", "digits" if recipe == "digits" else "lfw-single"), folder / "system")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix(), indirect=True)
def test_blocks_run(page, server):
    for language, block in blocks_of(page):
        match language:
            case "python":
                exec(compile(block, str(page), "exec"), {})  # noqa: S102
            case "json":
                json.loads(block)
            case "bash":
                for line in commands_of(block):
                    run_line(line, server)
            case _:
                assert language == "text", f"a block of {page.name} does not say what it is: {block}"


def run_line(line, server):
    if line.startswith(NOT_HERE) or "--gallery http" in line:
        return
    if line.startswith(READ_ONLY):
        _, verb, *arguments = shlex.split(line, comments=True)
        get_command(app).commands[verb].make_context(verb, arguments)
    elif line.startswith("miais "):
        run_verb(shlex.split(line, comments=True)[1:], server)
    else:
        in_shell(server.reached(line))
