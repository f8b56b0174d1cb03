"""What the service refuses is said in plain words, and of the right picture."""

import pytest
from page.clicks import answer, enrol, hide, identify, refusal, refusals

from miais.service.access import OpenAccess

DISK_FULL = "the audit log cannot be written, so nothing is answered; see to its disk"
GALLERY_AWAY = "the gallery cannot be reached or refuses; come back in 10 s"


def problem(status, detail, **headers):
    headers = {"Retry-After": headers["again"]} if headers else {}
    body = {"type": "about:blank", "title": "", "status": status, "detail": detail}
    return {"status": status, "json": body, "headers": headers, "content_type": "application/problem+json"}


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("broken.png", "The face to hide is no picture that can be read here. Choose a PNG or JPEG."),
        ("moving.gif", "The face to hide is no picture that can be read here. Choose a PNG or JPEG."),
        ("cut.png", "The face to hide is damaged: it ends too early. Choose an intact copy."),
    ],
)
def test_a_bad_file_is_named(page, photographs, file, expected):
    hide(page, photographs / file)
    assert refusal(page) == expected
    assert not page.locator("#hide .answer").is_visible()
    if file != "cut.png":  # of which there is something to show
        assert not page.locator("#hide [data-name=secret] img").is_visible()


def test_what_is_missing_is_said(page):
    page.get_by_role("button", name="Hide the face").click()
    assert refusal(page) == "Choose a picture first: the face to hide."


def test_a_picture_that_carries_nothing_is_said(serve, visit, photographs, lattice):
    page = visit(serve(OpenAccess(), system=lattice))
    for ask in (identify, lambda page, container: enrol(page, "Ada", container)):
        ask(page, photographs / "one.png")
        refusals(page).wait_for()
        assert refusal(page).startswith(
            "The picture carries no face that this service can read. Choose one that was made"
        )


def test_a_cover_that_is_too_small_is_said(serve, visit, photographs, lattice):
    page = visit(serve(OpenAccess(), system=lattice))
    page.get_by_label("The face to hide").set_input_files(photographs / "one.png")
    page.get_by_label("The picture that will carry it").set_input_files(photographs / "tiny.png")
    page.get_by_role("button", name="Hide the face").click()
    refusals(page).wait_for()
    assert refusal(page).endswith(" is too small to carry a face. Choose a larger one.")
    identify(page, photographs / "tiny.png")
    refusals(page).wait_for()
    assert refusal(page) == "The picture is too small to carry a face. Choose a larger one."


@pytest.mark.parametrize(
    ("field", "which"),
    [("a", "The first picture"), ("b", "The second picture"), ("container", "The picture"), ("picture", "The picture"),
     ("containers[0]", "The picture")],
)  # fmt: skip
def test_the_right_picture_is_named(page, photographs, field, which):
    detail = f"{field}: expected a container that x can read, got a picture in which it finds nothing: a photograph"
    page.route("**/verify", lambda route: route.fulfill(**problem(422, detail)))
    page.get_by_role("link", name="Same person?").click()
    for label in ("The first picture", "The second picture"):
        page.get_by_label(label).set_input_files(photographs / "one.png")
    page.get_by_role("button", name="Compare").click()
    refusals(page).wait_for()
    assert refusal(page).startswith(f"{which} carries no face that this service can read.")


@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        (problem(503, "16 requests are in work", again="7"), "Too much is going on right now. Try again in 7 seconds."),
        (problem(429, "expected at most", again="9"), "More was asked than one may ask here. Try again in 9 seconds."),
        (problem(503, DISK_FULL), DISK_FULL),
        (problem(503, GALLERY_AWAY, again="10"), GALLERY_AWAY),
    ],
)
def test_only_what_passes_by_itself_is_to_be_waited_for(page, photographs, refused, expected):
    """Every 503 was called a rush, also where the disk was full or the file of keys was broken."""
    page.route("**/hide", lambda route: route.fulfill(**refused))
    hide(page, photographs / "one.png")
    refusals(page).wait_for()
    assert refusal(page) == expected


@pytest.mark.parametrize("refused", [problem(403, "not for this caller"), problem(503, "the gallery cannot be read")])
def test_a_list_that_cannot_be_shown_does_not_undo_an_enrolment(page, photographs, refused):
    """An error after the success was taken for a failure, and the person enrolled twice."""
    page.route("**/people", lambda route: route.fulfill(**refused))
    enrol(page, "Ada", photographs / "one.png")
    assert answer(page, "enrol") == "Ada is remembered."
    page.get_by_text("The list cannot be shown:").wait_for(state="attached")
    assert refusals(page).count() == 0
    assert page.get_by_role("heading", name="People remembered here").is_visible() is (refused["status"] != 403)
