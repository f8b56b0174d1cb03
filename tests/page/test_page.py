"""The page, clicked through in a real Chromium as somebody would who has never heard of any of this."""

import pytest

from miais.image import read_image
from miais.service.access import KeyedAccess, OpenAccess
from miais.service.access_keys import add_key


@pytest.fixture
def page(serve, visit):
    return visit(serve(OpenAccess(restore=True)))


def hide(page, secret):
    page.get_by_label("The face to hide").set_input_files(secret)
    page.get_by_label("A cup of coffee").check()
    page.get_by_role("button", name="Hide the face").click()


def answer(page, view):
    """Wait for the answer of a view and return its heading, which has the focus then."""
    heading = page.locator(f"#{view} .answer h3")
    heading.wait_for()
    assert heading.evaluate("heading => heading === document.activeElement")
    return heading.inner_text()


def refusal(page):
    return page.get_by_role("alert").filter(visible=True).inner_text()


def width_of(page, selector):
    page.wait_for_function(f"document.querySelector('{selector}').naturalWidth > 0")
    return page.locator(selector).evaluate("image => image.naturalWidth")


def test_the_whole_flow(page, photographs, tmp_path):
    hide(page, photographs / "one.png")
    assert answer(page, "hide") == "Done: this picture now carries the face"
    assert [width_of(page, f"#{name}") for name in ("container", "change", "photograph")] == [600, 600, 256]
    box, photograph = (page.locator(name).bounding_box() for name in ("#box", "#photograph"))
    assert 0.1 < box["width"] / photograph["width"] < 0.5
    assert float(page.locator("#psnr").inner_text()) > 20
    assert 0 < float(page.locator("#ssim").inner_text()) <= 1
    assert 0 <= float(page.locator("#steg").inner_text()) <= 1
    page.get_by_label("What was changed").fill("20")
    assert "20 times as strong" in page.locator("figcaption", has_text="What was changed").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the picture").click()
    saved = tmp_path / "saved.png"
    download.value.save_as(saved)
    assert read_image(saved).shape == (3, 400, 600)

    page.get_by_role("button", name="Remember this person").click()
    page.get_by_label("Name").fill("Ada")
    page.get_by_role("button", name="Remember", exact=True).click()
    assert answer(page, "enrol") == "Ada is remembered."
    assert page.locator("#people li").inner_text().startswith("Ada")

    page.get_by_role("link", name="Who is it?").click()
    page.get_by_label("A picture that carries a face").filter(visible=True).set_input_files(saved)
    page.get_by_role("button", name="Ask", exact=True).click()
    assert answer(page, "identify") == "This is Ada."
    assert page.locator("#candidates li").all_inner_texts()[0].startswith("1. Ada")

    page.get_by_role("link", name="Same person?").click()
    page.get_by_label("The first picture").set_input_files(saved)
    page.get_by_role("button", name="Take the picture you just made").filter(visible=True).last.click()
    page.get_by_role("button", name="Compare").click()
    assert answer(page, "verify") == "Yes, the same person."

    page.get_by_role("link", name="Show the face").click()
    page.get_by_role("button", name="Take the picture you just made").filter(visible=True).click()
    page.get_by_role("button", name="Show the face").click()
    assert answer(page, "restore") == "The face"
    assert width_of(page, "#restored") == 32

    page.get_by_role("link", name="Remember a person").click()
    page.get_by_role("button", name="Forget Ada").click()
    page.get_by_text("Ada is forgotten.").wait_for()
    assert page.locator("#people li").count() == 0


def test_a_dropped_file_is_chosen(page, photographs):
    drop = page.locator("#hide .drop").first
    content = list((photographs / "one.png").read_bytes())
    transfer = page.evaluate_handle(
        """content => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(content)], "dropped.png", { type: "image/png" }));
            return transfer;
        }""",
        content,
    )
    drop.dispatch_event("drop", {"dataTransfer": transfer})
    assert "dropped.png" in drop.inner_text()
    assert width_of(page, "#hide [data-name=secret] img") == 256


def test_a_bad_file_is_named_in_plain_words(page, photographs):
    hide(page, photographs / "broken.png")
    assert refusal(page) == "The face to hide is no picture that can be read here. Choose a PNG or JPEG."
    assert not page.locator("#hide .answer").is_visible()


def test_what_is_missing_is_said(page):
    page.get_by_role("button", name="Hide the face").click()
    assert refusal(page) == "Choose a picture first: the face to hide."


def test_no_face_is_said_and_the_whole_picture_can_be_hidden(page, photographs):
    hide(page, photographs / "none.png")
    assert refusal(page).startswith("No face was found in the photograph.")
    page.get_by_label("Find the face").uncheck()
    page.get_by_role("button", name="Hide the face").click()
    answer(page, "hide")
    assert not page.locator("#box").is_visible()
    assert page.locator("#box-said").inner_text() == "All of this was hidden"


def test_several_faces_are_said(page, photographs):
    hide(page, photographs / "two.png")
    answer(page, "hide")
    assert page.locator("#faces").inner_text().startswith("2 faces were found in the photograph. The largest")


def test_a_large_photograph_is_made_smaller_before_it_is_sent(serve, visit, photographs):
    page = visit(serve(OpenAccess(), pixels=600 * 400))
    hide(page, photographs / "large.png")
    answer(page, "hide")
    assert 400 < width_of(page, "#photograph") < 512
    assert page.locator("#box").is_visible()


def test_it_can_be_used_with_the_keyboard_alone(page, photographs):
    page.on("filechooser", lambda chooser: None)  # or Chromium would not yet tell of it when the key is pressed
    page.locator("#covers img").first.wait_for()
    page.get_by_role("link", name="Show the face").focus()
    page.keyboard.press("Tab")
    page.wait_for_function("document.activeElement.id === 'hide-secret'")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(photographs / "one.png")
    for key in ("Tab", "Tab", "Tab", "Space"):  # past the check box and the other file, to the covers
        page.keyboard.press(key)
    assert page.get_by_label("A cup of coffee").is_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert answer(page, "hide") == "Done: this picture now carries the face"


@pytest.mark.parametrize("view", ["hide", "enrol", "identify", "verify", "restore"])
def test_a_phone_shows_all_of_it(serve, visit, view, photographs):
    page = visit(serve(OpenAccess(restore=True)), viewport={"width": 360, "height": 640}, has_touch=True)
    if view == "hide":
        hide(page, photographs / "one.png")
        answer(page, "hide")
    else:
        page.locator(f"nav a[href='#{view}']").tap()
    page.locator(f"#{view} h2").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    link = page.locator("nav a[aria-current]").bounding_box()
    assert link["x"] >= 0
    assert link["x"] + link["width"] <= 360


def test_a_key_is_asked_for_and_shows_what_it_opens(serve, visit, tmp_path):
    key = add_key(tmp_path / "keys.json", "door", ["recognise"])
    page = visit(serve(KeyedAccess(tmp_path / "keys.json")))
    assert refusal(page) == "Enter your access key to go on."
    for given, expected in (("wrong", "This access key is not known here."), (key, "")):
        page.get_by_label("Access key").fill(given)
        page.get_by_role("button", name="Use this key").click()
        page.locator("#trouble", has_text=expected).wait_for(state="visible" if expected else "attached")
    page.get_by_role("heading", name="Who is it?").wait_for()
    assert page.locator("nav a").filter(visible=True).all_inner_texts() == ["Who is it?", "Same person?"]


def test_restoring_is_not_offered_where_it_is_off(serve, visit):
    page = visit(serve(OpenAccess()))
    page.get_by_role("link", name="Hide a face").wait_for()
    assert not page.get_by_role("link", name="Show the face").is_visible()
