"""Nothing imports upward: the floors of the house, and who may lean on whom."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import miais

SOURCE = Path(miais.__file__).parent
FLOORS = {
    "cli": 7,
    "experiments": 6,
    "service": 6,
    "recipes": 5,
    "steganalysis": 5,
    "evaluation": 4,
    "scale": 4,
    "training": 4,
    "card": 3,
    "containers": 3,
    "data": 3,
    "distortions": 3,
    "framing": 3,
    "hiding": 3,
    "identification": 3,
    "keys": 3,
    "losses": 3,
    "network_kinds": 3,
    "recognizer": 3,
    "system": 3,
    "system_folder": 3,
    "gallery": 1,
    "image": 1,
    "image_levels": 1,
    "image_limits": 1,
    "image_samples": 1,
    "metrics": 1,
    "networks": 1,
    "obfuscation": 1,
    "peers": 2,
    "thumbnail": 2,
}
DOORS = ("__init__", "__main__")
"""Above all floors: what users import, and what `python -m miais` runs."""
CORE = {
    "PIL",
    "filelock",
    "lightning",
    "miais",
    "numpy",
    "rich",
    "safetensors",
    "sklearn",
    "timm",
    "torch",
    "torchmetrics",
    "torchvision",
    "typer",
}
EXTRAS = {
    "gallery/lance": {"lancedb", "pyarrow"},
    "gallery/milvus": {"pymilvus"},
    "service/": {"fastapi", "limits", "prometheus_client", "pydantic", "skimage", "starlette", "uvicorn"},
}
"""Files, by how their paths begin, that need more than the core; nobody else imports them before they are needed."""
FILES = sorted(SOURCE.rglob("*.py"))


def imported(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """Dotted names of what is imported; `from a import b` gives a.b, since b may be a module."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def violations(path: Path, source: str) -> list[str]:
    """Imports that a file may not have, given where it is below the package."""
    room = path.with_suffix("").parts[0]
    found = []
    for name in imported(ast.walk(ast.parse(source))):
        if name.startswith("."):
            found.append(f"{path}: relative import {name}")
        if name.split(".")[0] != "miais" or room in DOORS:
            continue
        target = name.split(".")[1] if "." in name else ""
        if target not in FLOORS:
            found.append(f"{path}: {name} is no room of the house")
            continue
        # The files at the top are rooms in one folder; a folder is a room of its own.
        same_folder = target == room or (len(path.parts) == 1 and (SOURCE / f"{target}.py").is_file())
        if FLOORS[target] > FLOORS[room] or (FLOORS[target] == FLOORS[room] and not same_folder):
            found.append(f"{path}: floor {FLOORS[room]} imports {name} of floor {FLOORS[target]}")
    return found


def at_import(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Statements that run when a module is imported, functions left out."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With | ast.ClassDef):
            yield from at_import([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)])


def test_every_file_has_its_floor():
    rooms = {path.relative_to(SOURCE).with_suffix("").parts[0] for path in FILES}
    assert rooms - FLOORS.keys() == set(DOORS)
    assert len(FILES) > 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_imports_upward(path):
    assert violations(path.relative_to(SOURCE), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_core_imports_with_the_core_packages_alone(path):
    place = path.relative_to(SOURCE).as_posix()
    names = set(imported(at_import(ast.parse(path.read_text(encoding="utf-8")).body)))
    rooms = {room for room in EXTRAS for name in names if name.replace(".", "/").startswith(f"miais/{room}")}
    assert {room for room in rooms if not place.startswith(room)} == set()
    more = {package for room, packages in EXTRAS.items() if place.startswith(room) for package in packages}
    assert {name.split(".")[0] for name in names} - CORE - more - set(sys.stdlib_module_names) == set()


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("metrics/new.py", "from miais.losses import content_loss", 1),
        ("metrics/new.py", "import miais.losses.content", 1),
        ("metrics/new.py", "from miais import losses, system", 2),
        ("metrics/new.py", "def late():\n    from miais.training.loop import TrainingLoop", 1),
        ("metrics/new.py", "from miais.image import resize", 1),
        ("metrics/new.py", "from miais import load", 1),
        ("metrics/new.py", "from .fidelity import psnr", 1),
        ("metrics/new.py", "from miais.metrics.fidelity import psnr", 0),
        ("image.py", "from miais.metrics import psnr", 1),
        ("image.py", "from miais.image_limits import ImageError", 0),
        ("hiding.py", "from miais.card import SystemCard\nfrom miais.image import resize", 0),
        ("hiding.py", "from miais.losses import content_loss", 1),
        ("losses/new.py", "from miais.data import batches", 1),
        ("losses/new.py", "import torch\nfrom miais.metrics import psnr", 0),
        ("cli/new.py", "from miais.recipes import lfw\nfrom miais import image", 0),
        ("cli/new.py", "def late():\n    from miais.experiments.results import ResultFolder", 0),
        ("experiments/new.py", "from miais.cli import output", 1),
        ("experiments/new.py", "from miais.recipes import lfw", 0),
        ("__init__.py", "from miais.system import load", 0),
    ],
)
def test_these_rules_find_what_they_should(path, source, found):
    assert len(violations(Path(path), source)) == found
