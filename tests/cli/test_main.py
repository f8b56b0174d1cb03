import os
import subprocess
import sys

import pytest
from PIL import Image

from miais.cli.main import app

VERBS = ("demo", "hide", "restore", "embed", "verify", "compare", "obfuscate", "train", "evaluate", "experiment")


def run(*arguments, **environment):
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "miais", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_each_verb_has_examples_that_start_with_it(miais, verb):
    result = miais(verb, "--help")
    assert result.exit_code == 0
    examples = result.stdout.split("Examples:\n")[1].splitlines()
    assert any(line.strip().startswith(f"miais {verb} ") or line.strip() == f"miais {verb}" for line in examples)


def test_all_verbs_are_listed(miais):
    assert set(VERBS) <= set(miais("--help").stdout.split())


def test_version_is_one_line(miais):
    result = miais("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("miais ")
    assert result.stdout.count("\n") == 1


def test_typo_in_a_verb_suggests_the_near_one(miais):
    result = miais("verfy", "a.png", "b.png")
    assert result.exit_code == 2
    assert "'verify'" in result.stderr


def test_typo_in_a_model_suggests_the_near_one(miais, tmp_path, monkeypatch, tiny, picture):
    (tmp_path / "systems").mkdir()
    (tmp_path / "systems/lfw-single").symlink_to(tiny, target_is_directory=True)
    monkeypatch.setattr("miais.system_folder.BUNDLED", tmp_path / "systems")
    result = miais("embed", picture("a.png"), "--model", "lfw-sinlge")
    assert result.exit_code == 1
    assert "did you mean 'lfw-single'?" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("hide", "a.png"),
        ("verify", "a.png", "b.png", "--far", "often"),
        ("embed",),
        ("compare", "a.png"),
        ("obfuscate", "le", "a.png", "-o", "b.png"),
        ("train", "digts"),
        ("evaluate", "lfw-single", "--split", "foo"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_so_on_stderr(miais, arguments):
    result = miais(*arguments)
    assert result.exit_code == 2
    assert "Error:" in result.stderr
    assert result.stdout == ""


def test_missing_file_exits_with_1_and_one_message(miais):
    result = miais("compare", "no-such-a.png", "no-such-b.png", "--json")
    assert result.exit_code == 1
    assert result.stderr == "Error: no-such-a.png: no such file; check the path\n"
    assert result.records == []


def test_ctrl_c_exits_with_130_without_a_traceback(miais, monkeypatch, tiny, picture):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("miais.image.read_image", interrupt)
    result = miais("embed", picture("a.png"), "--model", tiny)
    assert result.exit_code == 130
    assert result.stderr == "Interrupted.\n"


def test_a_bug_is_not_hidden(monkeypatch, picture):
    def bug(*_):
        raise TypeError("a bug")

    monkeypatch.setattr("miais.image.read_image", bug)
    with pytest.raises(TypeError, match="a bug"):
        app(["compare", str(picture("a.png")), str(picture("b.png"))], standalone_mode=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["hide", "--help"],
        ["train", "--help"],
        ["train", "digts"],
        ["evaluate", "--help"],
        ["verfy"],
        ["obfuscate", "--help"],
        ["obfuscate", "le", __file__, "-o", "b.png"],
        ["hide", __file__, __file__, "-o", "c.jpg"],
    ],
)
def test_help_and_wrong_usage_do_not_wait_for_torch(arguments):
    code = (
        "import sys\n"
        "from miais.cli.main import main\n"
        "sys.argv[0] = 'miais'\n"
        "try:\n    main()\n"
        "finally:\n    print('torch' in sys.modules, file=sys.stderr)"
    )
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60
    )
    assert result.returncode in (0, 2)
    assert result.stderr.endswith("False\n")


def test_real_run_without_terminal_colour_or_unicode_shows_a_warning_without_code(tiny, tmp_path):
    path = tmp_path / "Zoë.png"
    Image.new("RGBA", (64, 48), (200, 100, 50, 128)).save(path)
    surroundings = {"NO_COLOR": "1", "COLUMNS": "40", "PYTHONIOENCODING": "ascii", "TERM": "dumb"}
    result = run("embed", path, "--model", tiny, **surroundings)
    assert result.returncode == 0, result.stderr
    assert "\\xeb" in result.stdout
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 60
    assert result.stderr.startswith("Warning: ")
    assert "transparent" in result.stderr
    assert "image.py" not in result.stderr


def test_reader_that_leaves_early_causes_no_traceback(tiny, picture):
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "miais", "embed", *[str(picture("a.png"))] * 3, "--model", str(tiny), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    stderr = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=120) != 0
    assert "Traceback" not in stderr
    assert "BrokenPipe" not in stderr
