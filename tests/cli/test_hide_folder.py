import json
import os

import pytest

from miais.cli.hide_file import hide_file
from miais.system import load


@pytest.fixture
def folders(picture, tmp_path):
    """Five secrets and two covers, made so that the order of creation is not the sorted one."""
    for number in (3, 1, 5, 2, 4):
        picture(f"secrets/s{number}.png", seed=number)
    picture("covers/b.jpg", 40, 56, seed=8)
    picture("covers/a.png", 50, 44, seed=9)
    (tmp_path / "secrets/notes.txt").write_text("not a picture")
    return tmp_path / "secrets", tmp_path / "covers", tmp_path / "out"


def manifest_of(out):
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]


def times_of(out):
    return {path.name: path.stat().st_mtime_ns for path in out.glob("*.png")}


def test_secret_i_goes_into_cover_i_mod_n(miais, tiny, folders):
    secrets, covers, out = folders
    result = miais("hide", secrets, covers, "-o", out, "--model", tiny, "--json")
    assert result.exit_code == 0, result.stderr
    entries = manifest_of(out)
    assert entries == result.records
    assert [entry["secret"] for entry in entries] == [str(secrets / f"s{number}.png") for number in range(1, 6)]
    assert [os.path.basename(entry["cover"]) for entry in entries] == ["a.png", "b.jpg", "a.png", "b.jpg", "a.png"]
    assert [entry["container"] for entry in entries] == [str(out / f"s{number}.png") for number in range(1, 6)]
    assert all(entry["psnr_db"] > 35 and entry["ms_ssim"] > 0.5 and entry["model"] == str(tiny) for entry in entries)


def test_second_run_does_only_what_is_missing_changed_or_failed(miais, tiny, folders, picture):
    secrets, covers, out = folders
    (secrets / "s2.png").write_bytes(b"broken")
    arguments = ("hide", secrets, covers, "-o", out, "--model", tiny)
    first = miais(*arguments)
    assert first.exit_code == 1
    assert first.stderr.count("s2.png") == 1  # the path was once given twice
    assert [entry["secret"] for entry in manifest_of(out) if "error" in entry] == [str(secrets / "s2.png")]
    before = times_of(out)
    assert set(before) == {"s1.png", "s3.png", "s4.png", "s5.png"}
    picture("secrets/s2.png", seed=2)
    (out / "s4.png").unlink()
    assert miais(*arguments).exit_code == 0
    after = times_of(out)
    assert {name for name in after if after[name] != before.get(name)} == {"s2.png", "s4.png"}
    assert len(manifest_of(out)) == 5
    assert not any("error" in entry for entry in manifest_of(out))


def test_other_settings_do_everything_again(miais, tiny, tiny_multi, folders):
    secrets, covers, out = folders
    for settings in ((tiny, 1.0), (tiny, 0.5), (tiny_multi, 0.5)):
        before = times_of(out)
        model, strength = settings
        assert miais("hide", secrets, covers, "-o", out, "--model", model, "--strength", strength).exit_code == 0
        after = times_of(out)
        assert all(after[name] != before.get(name) for name in after)
        assert {(entry["model"], entry["strength"]) for entry in manifest_of(out)} == {(str(model), strength)}


def test_interrupted_run_keeps_what_is_done_and_the_next_one_goes_on(miais, tiny, folders, monkeypatch):
    secrets, covers, out = folders
    done = []

    def hide_two(system, secret, *rest, **options):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(secret)
        return hide_file(system, secret, *rest, **options)

    arguments = ("hide", secrets, covers, "-o", out, "--model", tiny)
    monkeypatch.setattr("miais.cli.hider.hide_file", hide_two)
    assert miais(*arguments).exit_code == 130
    assert len(manifest_of(out)) == 2
    # As if it had been killed in the middle of the third line.
    with (out / "manifest.jsonl").open("a") as file:
        file.write('{"secret": "s3.p')
    before = times_of(out)
    monkeypatch.setattr("miais.cli.hider.hide_file", hide_file)
    assert miais(*arguments).exit_code == 0
    assert len(manifest_of(out)) == 5
    assert {name: times_of(out)[name] for name in before} == before


def test_secrets_with_one_stem_do_not_overwrite_each_other(miais, tiny, folders, picture):
    secrets, covers, out = folders
    picture("secrets/s1.jpg", seed=7)
    for _ in range(2):
        result = miais("hide", secrets, covers, "-o", out, "--model", tiny)
        assert result.exit_code == 1
        (failed,) = [entry for entry in manifest_of(out) if "error" in entry]
        assert failed["secret"] == str(secrets / "s1.png")
        assert "s1.jpg" in failed["error"]
        assert len(manifest_of(out)) == 6
        assert manifest_of(out)[0]["secret"] == str(secrets / "s1.jpg")
        assert (out / "s1.png").is_file()


def test_one_cover_serves_all_secrets(miais, tiny, folders):
    secrets, covers, out = folders
    assert miais("hide", secrets, covers / "a.png", "-o", out, "--model", tiny).exit_code == 0
    assert {entry["cover"] for entry in manifest_of(out)} == {str(covers / "a.png")}


def test_entries_of_other_secrets_stay_while_their_containers_do(miais, tiny, folders, picture):
    secrets, covers, out = folders
    other = picture("more/x.png").parent
    for folder in (secrets, other):
        assert miais("hide", folder, covers, "-o", out, "--model", tiny).exit_code == 0
    assert {os.path.basename(entry["container"]) for entry in manifest_of(out)} == {"x.png"} | {
        f"s{number}.png" for number in range(1, 6)
    }


@pytest.mark.parametrize("wrong", ["secrets", "covers", "out.png"])
def test_output_that_could_replace_an_input_is_wrong_usage(miais, tiny, folders, tmp_path, wrong):
    secrets, covers, _ = folders
    before = sorted(tmp_path.rglob("*"))
    assert miais("hide", secrets, covers, "-o", tmp_path / wrong, "--model", tiny).exit_code == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_folder_without_pictures_is_an_error(miais, tiny, folders, tmp_path):
    (tmp_path / "empty").mkdir()
    result = miais("hide", tmp_path / "empty", folders[1], "-o", folders[2], "--model", tiny)
    assert result.exit_code == 1
    assert "no pictures" in result.stderr


def test_manifest_names_the_system_by_its_hash(miais, tiny, folders):
    secrets, covers, out = folders
    miais("hide", secrets, covers, "-o", out, "--model", tiny)
    assert {entry["system_hash"] for entry in manifest_of(out)} == {load(tiny).card.system_hash}


def test_container_that_is_a_secret_by_another_name_is_wrong_usage(miais, tiny, folders, tmp_path):
    """A secret that was a link to a file in OUT was replaced by its container: the only original was lost."""
    secrets, covers, out = folders
    out.mkdir()
    original = out / "s1.png"
    (secrets / "s1.png").rename(original)
    (secrets / "s1.png").symlink_to(original)
    before = original.read_bytes()
    result = miais("hide", secrets, covers, "-o", out, "--model", tiny)
    assert result.exit_code == 2
    assert "the same file" in " ".join(result.stderr.split())
    assert original.read_bytes() == before
    assert [path.name for path in out.iterdir()] == ["s1.png"]


def test_manifest_of_a_renamed_folder_lists_the_containers_where_they_are(miais, tiny, folders, picture, tmp_path):
    """Entries of what was done already were copied, with containers that no longer existed."""
    secrets, covers, out = folders
    for folder in (picture("more/x.png").parent, secrets):
        assert miais("hide", folder, covers, "-o", out, "--model", tiny).exit_code == 0
    before = times_of(out)
    moved = out.rename(tmp_path / "moved")
    assert miais("hide", secrets, covers, "-o", moved, "--model", tiny).exit_code == 0
    assert {entry["container"] for entry in manifest_of(moved)} == {str(path) for path in moved.glob("*.png")}
    assert times_of(moved) == before


@pytest.mark.parametrize("replaced", ["secrets/s2.png", "covers/b.jpg"])
def test_picture_replaced_by_an_older_file_is_hidden_again(miais, tiny, folders, picture, tmp_path, replaced):
    """Only a file newer than its container was noticed."""
    secrets, covers, out = folders
    assert miais("hide", secrets, covers, "-o", out, "--model", tiny).exit_code == 0
    before = times_of(out)
    picture(replaced, seed=77)
    os.utime(tmp_path / replaced, (1e9, 1e9))
    assert miais("hide", secrets, covers, "-o", out, "--model", tiny).exit_code == 0
    again = {name for name, time in times_of(out).items() if time != before[name]}
    assert again == ({"s2.png"} if replaced.startswith("secrets") else {"s2.png", "s4.png"})


@pytest.mark.parametrize(
    "line",
    [
        '{"container": 5}',
        '{"container": ["s1.png"]}',
        '{"container": "s1.png", "psnr_db": "x"}',
        "[" * 100_000,
        "9" * 5000,
        "null",
    ],
    ids=["number", "list", "psnr", "deep", "long", "null"],
)
def test_damaged_line_of_the_manifest_is_left_out(miais, tiny, folders, line):
    """A container that was no text once ended in a TypeError."""
    secrets, covers, out = folders
    out.mkdir()
    (out / "manifest.jsonl").write_text(f"{line}\n")
    assert miais("hide", secrets, covers, "-o", out, "--model", tiny).exit_code == 0
    assert len(manifest_of(out)) == 5
