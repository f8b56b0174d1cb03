"""`miais hide --crop-face`: a photograph is cut to its largest face first."""

import hashlib
import json

import pytest
import torch
from support.photographs import photograph, side_by_side

from miais.cli.face_option import finder_of, note_of_faces
from miais.framing import CascadeFinder, frame_face
from miais.image import read_image, write_png
from miais.system import load


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Files: one with a face, one with two, one without."""
    folder = tmp_path_factory.mktemp("photographs")
    astronaut = photograph("astronaut", 200)
    write_png(folder / "one.png", astronaut)
    write_png(folder / "two.png", side_by_side(astronaut, photograph("astronaut", 150)))
    write_png(folder / "none.png", photograph("coffee", 120))
    return folder


def test_largest_face_is_hidden_and_shown(miais, tiny, photographs, picture, tmp_path):
    out = tmp_path / "out.png"
    arguments = ("hide", photographs / "one.png", picture("c.png"), "-o", out, "--model", tiny, "--crop-face")
    result = miais(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    (record,) = result.records
    framed = frame_face(read_image(photographs / "one.png"), CascadeFinder())
    assert record["face"] == [round(value) for value in framed.box]
    assert record["faces"] == 1
    assert read_image(out).equal(load(tiny).hide(framed.image, read_image(tmp_path / "c.png")))
    left, top, width, height = record["face"]
    table = miais(*arguments)
    assert f"{width}x{height} at ({left}, {top})" in table.stdout
    assert "faces found" not in table.stderr


def test_several_faces_are_said(miais, tiny, photographs, picture, tmp_path):
    secret = photographs / "two.png"
    result = miais("hide", secret, picture("c.png"), "-o", tmp_path / "o.png", "--model", tiny, "--crop-face", "--json")
    (record,) = result.records
    assert record["faces"] == 2
    assert record["face"][0] < 200
    assert result.stderr == f"Warning: {secret}: {note_of_faces(record)}\n"
    assert "2 faces found; the largest, " in result.stderr


def test_no_face_is_an_error_that_names_the_file(miais, tiny, photographs, picture, tmp_path):
    secret = photographs / "none.png"
    result = miais("hide", secret, picture("c.png"), "-o", tmp_path / "o.png", "--model", tiny, "--crop-face")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith(f"Error: {secret}: no face found in these 120x80 pixels; take a")
    assert not (tmp_path / "o.png").exists()


def test_folder_goes_on_without_the_faceless_and_knows_how_it_was_made(miais, tiny, photographs, picture, tmp_path):
    arguments = ("hide", photographs, picture("c.png"), "-o", tmp_path / "out", "--model", tiny)
    result = miais(*arguments, "--crop-face")
    assert result.exit_code == 1
    assert f"Error: {photographs / 'none.png'}: no face found" in result.stderr
    assert f"Warning: {photographs / 'two.png'}: 2 faces found" in result.stderr
    entries = [json.loads(line) for line in (tmp_path / "out/manifest.jsonl").read_text().splitlines()]
    assert [entry.get("faces") for entry in entries] == [None, 1, 2]
    before = (tmp_path / "out/one.png").stat().st_mtime_ns
    assert miais(*arguments, "--crop-face").exit_code == 1
    assert (tmp_path / "out/one.png").stat().st_mtime_ns == before
    assert miais(*arguments).exit_code == 0  # whole secrets are other containers
    assert (tmp_path / "out/one.png").stat().st_mtime_ns != before


def test_face_is_looked_for_once_when_covers_are_chosen(miais, tiny, photographs, picture, tmp_path, monkeypatch):
    covers = [picture(f"covers/{name}.png", 90, 100, seed=seed) for seed, name in enumerate("abc")]
    calls, find = [], CascadeFinder.find

    def watched(self, image):
        calls.append(image)
        return find(self, image)

    monkeypatch.setattr(CascadeFinder, "find", watched)
    arguments = ("--covers", covers[0].parent, "-o", tmp_path / "o.png", "--model", tiny, "--crop-face", "--json")
    (record,) = miais("hide", photographs / "one.png", *arguments).records
    assert record["faces"] == 1
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--face-detector", "yunet.onnx"), "add --crop-face"),
        (("--crop-face", "--face-detector", "https://host/yunet.onnx"), "add #sha256=HASH"),
    ],
)
def test_wrong_usage(miais, tiny, photographs, picture, tmp_path, options, message):
    result = miais(
        "hide", photographs / "one.png", picture("c.png"), "-o", tmp_path / "o.png", "--model", tiny, *options
    )
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_url_is_fetched_with_its_hash_and_kept_in_the_users_folder(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr("typer.get_app_dir", lambda name: str(tmp_path / name))
    monkeypatch.setattr("miais.cli.face_option.fetch_model", lambda *arguments: asked.append(arguments) or tmp_path)
    monkeypatch.setattr("miais.cli.face_option.YuNetFinder", lambda path: path)
    digest = hashlib.sha256(b"file").hexdigest()
    assert finder_of(True, f"https://host/yunet.onnx#sha256={digest}") == tmp_path
    assert asked == [("https://host/yunet.onnx", digest, tmp_path / "miais" / "face-detectors")]


def test_without_the_option_pictures_are_taken_whole(miais, tiny, photographs, picture, tmp_path):
    assert finder_of(False, None) is None
    arguments = ("hide", photographs / "one.png", picture("c.png"), "-o", tmp_path / "o.png", "--model", tiny, "--json")
    (record,) = miais(*arguments).records
    assert "face" not in record
    whole = load(tiny).hide(read_image(photographs / "one.png"), read_image(tmp_path / "c.png"))
    assert torch.equal(read_image(tmp_path / "o.png"), whole)
