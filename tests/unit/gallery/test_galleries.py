"""Every gallery passes the same tests; the one in memory is the oracle of the others."""

import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
import torch

from miais.gallery.exact import ExactGallery
from miais.gallery.folder import GalleryInUseError, OtherMakerError
from miais.gallery.gallery import Enrolment, Gallery, Maker, UnknownPersonError
from miais.gallery.open import open_gallery
from miais.gallery.transfer import export_gallery, import_gallery

D = 16
MAKER = Maker("tiny", "a" * 64, None, D)
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


def vectors(count, seed=0):
    drawn = torch.randn(count, D, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(drawn)


def enrolment(person, vector, minute=0, thumbnail=None):
    return Enrolment(person, vector, thumbnail, NOON + timedelta(minutes=minute))


@pytest.fixture(params=["exact", "lance"])
def gallery(request, tmp_path):
    if request.param == "exact":
        made = ExactGallery(MAKER)
    else:
        pytest.importorskip("lancedb")
        made = open_gallery(str(tmp_path / "gallery"), MAKER, create=True)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path):
    pytest.importorskip("lancedb")
    return tmp_path / "gallery"


def test_an_empty_gallery_finds_nobody(gallery):
    assert isinstance(gallery, Gallery)
    assert (len(gallery), gallery.containers, gallery.people(), list(gallery.enrolments())) == (0, 0, [], [])
    assert gallery.search(vectors(2), 3) == [[], []]


def test_people_are_ranked_by_their_nearest_container(gallery):
    enrolled, probes = vectors(60), vectors(8, seed=1)
    names = [f"person {number % 20}" for number in range(60)]
    gallery.enrol([enrolment(name, vector) for name, vector in zip(names, enrolled, strict=True)])
    for probe, matches in zip(probes, gallery.search(probes, 7), strict=True):
        distances = np.linalg.norm(enrolled.double().numpy() - probe.double().numpy(), axis=1)
        nearest = {name: min(distances[i] for i in range(60) if names[i] == name) for name in names}
        expected = sorted(nearest, key=nearest.get)[:7]
        assert [match.person for match in matches] == expected
        assert [match.distance for match in matches] == pytest.approx([nearest[name] for name in expected], abs=1e-9)


def test_somebody_with_many_containers_does_not_hide_the_others(gallery):
    centre = vectors(1)[0]
    near = torch.nn.functional.normalize(centre + 0.01 * vectors(100, seed=2))
    gallery.enrol([enrolment("Ann", vector) for vector in near])
    gallery.enrol([enrolment("Bo", vectors(1, seed=3)[0]), enrolment("Cy", vectors(1, seed=4)[0])])
    (matches,) = gallery.search(centre[None], 3)
    assert {match.person for match in matches} == {"Ann", "Bo", "Cy"}
    assert matches[0].person == "Ann"


def test_containers_are_added_to_whom_is_known(gallery):
    first, second, third = vectors(3)
    gallery.enrol([enrolment('O\'Hara "Öz"', first, 5, b"picture")])
    gallery.enrol([enrolment('O\'Hara "Öz"', second, 2), enrolment("Bo", third)])
    assert (len(gallery), gallery.containers) == (2, 3)
    assert [(one.name, one.containers, one.added.minute) for one in gallery.people()] == [
        ("Bo", 1, 0),
        ('O\'Hara "Öz"', 2, 2),
    ]
    kept = sorted(gallery.enrolments('O\'Hara "Öz"'), key=lambda one: one.added)
    assert [one.thumbnail for one in kept] == [None, b"picture"]
    assert torch.equal(kept[1].embedding, first)
    assert kept[1].added == NOON + timedelta(minutes=5)


def test_forgetting_and_unknown_people(gallery):
    first, second = vectors(2)
    gallery.enrol([enrolment("Ann", first), enrolment("Ann", second), enrolment("Bo", second)])
    assert gallery.forget("Ann") == 2
    assert [one.name for one in gallery.people()] == ["Bo"]
    assert [match.person for match in gallery.search(first[None], 5)[0]] == ["Bo"]
    with pytest.raises(UnknownPersonError, match="nobody is enrolled as 'Bob'; did you mean 'Bo'"):
        gallery.forget("Bob")
    with pytest.raises(UnknownPersonError):
        list(gallery.enrolments("Ann"))
    assert gallery.forget("Bo") == 1
    assert len(gallery) == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"person": ""}, "1 to 200 printable"),
        ({"person": "two\nlines"}, "1 to 200 printable"),
        ({"person": "x" * 201}, "1 to 200 printable"),
        ({"embedding": torch.ones(D)}, "length 1"),
        ({"embedding": torch.full((D,), torch.nan)}, "length 1"),
        ({"embedding": torch.ones(D + 1)}, "shape"),
        ({"added": datetime(2026, 1, 1)}, "zone"),
    ],
)
def test_all_or_none_are_enrolled(gallery, change, reason):
    good = enrolment("Ann", vectors(1)[0])
    with pytest.raises(ValueError, match=reason):
        gallery.enrol([good, replace(good, **change)])
    assert gallery.containers == 0


def test_probes_that_do_not_fit_are_refused(gallery):
    with pytest.raises(ValueError, match=r"shape \(N, 16\)"):
        gallery.search(torch.zeros(2, 4), 1)
    with pytest.raises(ValueError, match="finite"):
        gallery.search(torch.full((1, D), torch.nan), 1)


def test_export_and_import_give_the_same_people(gallery, tmp_path):
    enrolled = vectors(4)
    gallery.enrol([enrolment(f"P{n % 3}", vector, n, bytes([n]) * 9) for n, vector in enumerate(enrolled)])
    assert export_gallery(gallery, tmp_path / "people.zip") == 4
    other = ExactGallery(MAKER)
    assert import_gallery(other, tmp_path / "people.zip") == 4
    assert other.people() == gallery.people()
    assert other.search(enrolled, 3) == gallery.search(enrolled, 3)
    for change, reason in (
        ({"system_hash": "b" * 64}, "weights"),
        ({"key_fingerprint": "c"}, "key"),
        ({"dimension": D + 1}, "dimension"),
    ):
        with pytest.raises(OtherMakerError, match=reason):
            import_gallery(ExactGallery(replace(MAKER, **change)), tmp_path / "people.zip")


def test_what_is_no_export_is_refused(tmp_path):
    (tmp_path / "people.zip").write_bytes(b"no zip")
    with pytest.raises(ValueError, match="expected a gallery written by"):
        import_gallery(ExactGallery(MAKER), tmp_path / "people.zip")


def contents(folder):
    return b"".join(str(path).encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_nothing_of_a_forgotten_person_stays_in_the_files(folder):
    gallery = open_gallery(str(folder), MAKER, create=True)
    enrolled = vectors(30)
    for number, vector in enumerate(enrolled):
        name = "Zebediah Quux" if number == 11 else f"person {number}"
        gallery.enrol([enrolment(name, vector, number, f"thumbnail of {number}.".encode())])
    traces = [b"Zebediah Quux", enrolled[11].numpy().tobytes(), b"thumbnail of 11."]
    assert all(trace in contents(folder) for trace in traces)
    gallery.forget("Zebediah Quux")
    assert not any(trace in contents(folder) for trace in traces)
    assert (len(gallery), gallery.containers) == (29, 29)
    gallery.close()


def test_a_gallery_is_there_again_and_only_for_its_maker(folder):
    gallery = open_gallery(str(folder), MAKER, create=True)
    gallery.enrol([enrolment("Ann", vectors(1)[0])])
    gallery.close()
    with pytest.raises(OtherMakerError, match="another key"):
        open_gallery(str(folder), replace(MAKER, key_fingerprint="c" * 16))
    again = open_gallery(str(folder), None)
    assert (again.maker, [one.name for one in again.people()]) == (MAKER, ["Ann"])
    again.close()


def test_a_second_process_is_told_who_has_the_gallery(folder):
    gallery = open_gallery(str(folder), MAKER, create=True)
    with pytest.raises(GalleryInUseError, match=r"process \d+ on .* has this gallery open"):
        open_gallery(str(folder), MAKER)
    gallery.close()
    open_gallery(str(folder), MAKER).close()


def test_a_missing_gallery_and_other_folders_are_refused(folder):
    with pytest.raises(FileNotFoundError, match="no gallery"):
        open_gallery(str(folder), MAKER)
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    with pytest.raises(ValueError, match="other files"):
        open_gallery(str(folder), MAKER, create=True)


ENROL_UNTIL_KILLED = """
import sys, torch
from datetime import datetime, timezone
from miais.gallery.gallery import Enrolment, Maker
from miais.gallery.open import open_gallery
gallery = open_gallery(sys.argv[1], Maker("tiny", "a" * 64, None, 16), create=True)
number = gallery.containers
while True:
    vector = torch.nn.functional.normalize(torch.ones(16), dim=0)
    gallery.enrol([Enrolment(f"person {number}", vector, None, datetime.now(timezone.utc))])
    number += 1
    print(number, flush=True)
"""


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_what_was_acknowledged_outlives_a_killed_process(folder, rounds):
    random = np.random.default_rng(rounds)
    for _ in range(rounds):
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", ENROL_UNTIL_KILLED, str(folder)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(int(random.integers(1, 80))):
            acknowledged = int(child.stdout.readline())
        child.kill()
        acknowledged = int(([str(acknowledged), *child.communicate()[0].split("\n")[:-1]])[-1])
        gallery = open_gallery(str(folder), MAKER)
        # One more may be there: killed between the database's commit and the word of it.
        assert gallery.containers - acknowledged in (0, 1)
        names = {one.name for one in gallery.people()}
        assert names == {f"person {number}" for number in range(gallery.containers)}
        gallery.close()
