"""Tiny untrained systems, pictures, and a way to call the command line."""

import json

import pytest
from support.systems import tiny_system
from typer.testing import CliRunner

from miais.cli.main import app


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
