import json
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from miais.cli import demo_run
from miais.system_folder import bundled_systems


@pytest.fixture(scope="module")
def finished(tmp_path_factory, tiny, tiny_multi):
    """The demo with untrained systems: files and pages are real, recognition and restoration must be found wanting."""
    out = tmp_path_factory.mktemp("demo")
    return out, demo_run.run_demo(out, recogniser=tiny, restorer=tiny_multi)


def test_every_container_is_there_in_its_covers_size_within_the_budget(finished):
    out, report = finished
    hidden = [(item.recognised, item.picture) for item in report.covers]
    hidden += [(item.restorable, item.picture) for item in report.covers]
    hidden += [(item.hidden, f"covers/{item.cover}.png") for item in report.comparisons]
    sizes = set()
    for item, cover in hidden:
        container, original = (np.asarray(Image.open(out / path), dtype=float) for path in (item.container, cover))
        assert container.shape == original.shape
        sizes.add(container.shape[:2])
        assert item.psnr_db == pytest.approx(10 * np.log10(255**2 / np.mean((container - original) ** 2)), abs=1e-3)
    assert (512, 512) in sizes
    assert any(height % 2 or width % 2 for height, width in sizes)
    assert [check.passed for check in report.checks[:4]] == [True] * 4


def test_both_kinds_of_faces_are_compared_with_every_cover(finished):
    _, report = finished
    assert {item.expected_same for item in report.comparisons} == {True, False}
    for item in report.comparisons:
        assert len(item.distances) == len(report.covers)
        assert item.same == tuple(distance < report.threshold for distance in item.distances)


def test_other_views_and_faces_are_different_pictures(finished):
    out, report = finished
    files = [report.secret, *(item.face for item in report.comparisons)]
    assert len({Image.open(out / path).tobytes() for path in files}) == len(files)


def test_page_holds_its_pictures_and_describes_them(finished):
    out, _ = finished
    page = (out / "report.html").read_text(encoding="utf-8")
    images = re.findall(r"<img [^>]*>", page)
    assert len(images) == 4 * 6 + 15
    assert all('src="data:image/png;base64,' in image and re.search(r'alt="[^"]+"', image) for image in images)
    assert not re.search(r"(src|href)=\"(?!data:)|<script|@import|https?://", page)
    assert "cropping and lighting from that one photograph" in " ".join(page.split())


def test_json_has_the_same_verdict_and_numbers(finished):
    out, report = finished
    content = json.loads((out / "report.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert content["passed"] is (not report.failed_checks)
    assert content["same_accepted"] == report.same_accepted
    assert [item["recognised"]["psnr_db"] for item in content["covers"]] == [
        item.recognised.psnr_db for item in report.covers
    ]


def test_failed_checks_are_named_and_make_the_command_fail(miais, monkeypatch, finished, tmp_path):
    _, report = finished
    assert report.failed_checks  # untrained: restores nothing
    monkeypatch.setattr(demo_run, "run_demo", lambda out, announce: report)
    result = miais("demo", "--out", tmp_path)
    assert result.exit_code == 1
    assert "the restored secret has at least 20 dB" in result.stderr
    assert "report.html" in result.stdout.replace("\n", "")


def test_single_misses_are_reported_and_only_a_wrong_majority_fails(finished):
    _, report = finished

    def answered(wrong):
        """Comparisons in which the first `wrong` answers of each face are wrong."""
        return tuple(
            replace(item, same=tuple(item.expected_same != (index < wrong) for index in range(len(item.same))))
            for item in report.comparisons
        )

    for wrong, passed in ((0, True), (1, True), (2, False), (4, False)):
        changed = replace(report, comparisons=answered(wrong))
        assert changed.same_accepted == changed.different_refused == 1 - wrong / 4
        assert [check.passed for check in changed.checks[4:6]] == [passed] * 2


@pytest.mark.parametrize("change", [{"exact": False}, {"same_size": False}, {"psnr_db": 38.9}, {"psnr_db": None}])
def test_one_bad_file_fails_the_demo(finished, change):
    _, report = finished
    first = replace(report.covers[0], recognised=replace(report.covers[0].recognised, **change))
    changed = replace(report, covers=(first, *report.covers[1:]))
    assert sum(check.passed for check in changed.checks) == sum(check.passed for check in report.checks) - 1


@pytest.mark.skipif(
    not {"lfw-single", "lfw-multi"} <= set(bundled_systems()), reason="the bundled systems are not there"
)
def test_demo_succeeds_with_the_bundled_systems(miais, tmp_path):
    result = miais("demo", "--out", tmp_path / "demo")
    assert result.exit_code == 0, result.stderr
    assert "7 of 7 checks passed." in result.stdout
    assert json.loads((tmp_path / "demo/report.json").read_text())["seconds"] < 60
