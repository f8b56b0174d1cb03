"""Tiny untrained systems, pictures, and a way to call the command line."""

import json

import pytest
from support.systems import tiny_lattice, tiny_system
from typer.testing import CliRunner

from miais.cli.main import app
from miais.image import read_image, write_png
from miais.system import load


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    return tiny_system(tmp_path_factory.mktemp("systems") / "tiny")


@pytest.fixture(scope="session")
def tiny_multi(tmp_path_factory):
    return tiny_system(tmp_path_factory.mktemp("systems") / "tiny-multi", multi=True)


@pytest.fixture
def miais():
    """Call a verb: miais("verify", path, ...) -> result with exit_code, stdout, stderr, and `records` for --json."""

    def call(*arguments):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        if "--json" in arguments:
            # Strict: NaN and Infinity are no JSON, and nothing else may be on stdout.
            result.records = [json.loads(line, parse_constant=pytest.fail) for line in result.stdout.splitlines()]
        return result

    return call


@pytest.fixture(scope="session")
def lattice(tmp_path_factory):
    return tiny_lattice(tmp_path_factory.mktemp("systems") / "lattice")


@pytest.fixture
def container(lattice, picture, tmp_path):
    """Hide a face in a cover: container("a.png", face=1, cover=2) -> path."""
    system = load(lattice)

    def write(name, face, cover):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        secret = read_image(picture("face.png", 64, 64, seed=face))
        write_png(tmp_path / name, system.hide(secret, read_image(picture("cover.png", 128, 160, seed=100 + cover))))
        return tmp_path / name

    return write


@pytest.fixture
def people_verb(miais, lattice, tmp_path):
    """Call a verb of the lattice system and its gallery: people_verb("enroll", "Ann", path)."""

    def call(name, *arguments):
        model = () if name == "gallery" else ("--model", lattice)
        return miais(name, *arguments, "--gallery", tmp_path / "people", *model)

    return call
