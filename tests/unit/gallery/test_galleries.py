"""Every gallery passes the same tests; the one in memory is the oracle of the others."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
import torch
from support.galleries import NOON, D, enrolment, vectors

from miais.gallery.gallery import Gallery, UnknownPersonError


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


def test_what_a_person_has_already_is_not_added_again(gallery):
    """The same container counted twice: the threshold fell, and the list was wrong."""
    first, second, third = vectors(3)
    assert gallery.enrol([enrolment("Ann", first), enrolment("Ann", first, 3), enrolment("Bo", first)]) == 2
    # Of one container the embedding differs in its last digits with the others that were embedded in one go.
    nudged = torch.nn.functional.normalize(first + 1e-7 * vectors(1, seed=8)[0], dim=0)
    assert not torch.equal(nudged, first)
    assert gallery.enrol([enrolment("Ann", nudged, 9), enrolment("Ann", second), enrolment("Bo", third)]) == 2
    assert gallery.enrol([enrolment("Ann", first), enrolment("Bo", first)]) == 0
    assert [(one.name, one.containers) for one in gallery.people()] == [("Ann", 2), ("Bo", 2)]
    assert (len(gallery), gallery.containers) == (2, 4)
    near = torch.nn.functional.normalize(first + 1e-2 * vectors(1, seed=8)[0], dim=0)
    assert gallery.enrol([enrolment("Ann", near)]) == 1


def test_a_name_has_one_spelling(gallery):
    """Zoë was two people, according to how her letters were put together."""
    first, second = vectors(2)
    gallery.enrol([enrolment("Zo\u00eb", first), enrolment(" Zoe\u0308 ", second)])
    assert [(one.name, one.containers) for one in gallery.people()] == [("Zo\u00eb", 2)]
    assert len(list(gallery.enrolments("Zoe\u0308"))) == 2
    assert gallery.forget(" Zoe\u0308") == 2


def test_forgetting_and_unknown_people(gallery):
    first, second = vectors(2)
    gallery.enrol([enrolment("Ann", first), enrolment("Ann", second), enrolment("Bo", second)])
    assert gallery.forget("Ann") == 2
    assert [one.name for one in gallery.people()] == ["Bo"]
    assert [match.person for match in gallery.search(first[None], 5)[0]] == ["Bo"]
    with pytest.raises(UnknownPersonError, match="nobody is enrolled as 'Bob'; did you mean 'Bo'"):
        gallery.forget("Bob")
    with pytest.raises(UnknownPersonError, match=r"^nobody is enrolled as '<nobody>'$"):  # what to do, callers know
        gallery.forget("<nobody>")
    with pytest.raises(UnknownPersonError):
        list(gallery.enrolments("Ann"))
    assert gallery.forget("Bo") == 1
    assert len(gallery) == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"person": ""}, "1 to 200 printable"),
        ({"person": "two\nlines"}, r"got one with U\+000A in it"),
        ({"person": "Ann\u202eenna"}, r"got one with U\+202E \(RIGHT-TO-LEFT OVERRIDE\) in it"),
        ({"person": " .. "}, r"expected a name, got '\.\.'"),
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


def test_several_threads_may_use_it(gallery):
    def work(thread):
        enrolled = vectors(6, seed=10 + thread)
        for number, vector in enumerate(enrolled):
            gallery.enrol(
                [enrolment(f"{thread}-{number}", vector), enrolment("all", vectors(6, seed=20 + thread)[number])]
            )
            assert gallery.search(vector[None], 1)[0][0].person == f"{thread}-{number}"
            assert {one.name for one in gallery.people()} >= {f"{thread}-{done}" for done in range(1, number + 1)}
            if number == 3:
                gallery.forget(f"{thread}-0")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    expected = {"all", *(f"{thread}-{number}" for thread in range(4) for number in range(1, 6))}
    assert {one.name for one in gallery.people()} == expected
    assert (len(gallery), gallery.containers) == (21, 44)
