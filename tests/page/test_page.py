"""The page, clicked through in a real Chromium as somebody would who has never heard of any of this."""

import pytest
from page.clicks import answer, enrol, hide, identify, refusal, width_of

from miais.image import read_image
from miais.service.access import OpenAccess


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
    assert download.value.suggested_filename == "coffee-1.png"
    saved = tmp_path / "saved.png"
    download.value.save_as(saved)
    assert read_image(saved).shape == (3, 400, 600)

    page.get_by_role("button", name="Remember this person").click()
    page.get_by_label("Name").fill("Ada")
    page.get_by_role("button", name="Remember", exact=True).click()
    assert answer(page, "enrol") == "Ada is remembered."
    assert page.locator("#people li").inner_text().startswith("Ada")

    identify(page, saved)
    assert answer(page, "identify") == "This is Ada."
    assert page.locator("#candidates li").all_inner_texts()[0].startswith("1. Ada")

    page.get_by_role("link", name="Same person?").click()
    page.get_by_label("The first picture").set_input_files(saved)
    page.locator("#verify").get_by_role("button", name="Take the picture you just made").last.click()
    page.get_by_role("button", name="Compare").click()
    assert answer(page, "verify") == "Yes, the same person."

    page.get_by_role("link", name="Show the face").click()
    page.locator("#restore").get_by_role("button", name="Take the picture you just made").click()
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


def test_no_face_is_said_and_the_whole_picture_can_be_hidden(page, photographs):
    hide(page, photographs / "none.png")
    assert refusal(page).startswith("No face was found in the photograph.")
    page.get_by_label("Find the face").uncheck()
    page.get_by_role("button", name="Hide the face").click()
    assert answer(page, "hide") == "Done: this picture now carries your picture"
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
    for link in page.locator("nav a").all():
        box = link.bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 360
    assert not page.get_by_text("You can drop it here too.").filter(visible=True).count()


def test_a_long_name_stays_inside(serve, visit, photographs):
    page = visit(serve(OpenAccess()), viewport={"width": 1280, "height": 800})
    long, short = "W" * 150, "Ada"
    for name in (short, long):
        enrol(page, name, photographs / "one.png")
        assert answer(page, "enrol") == f"{name} is remembered."
    rows = page.locator("#people li")
    page.wait_for_function("document.querySelectorAll('#people li').length === 2")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        ends = {round(sum(map(row.get_by_role("button").bounding_box().get, ("x", "width")))) for row in rows.all()}
        assert len(ends) == 1
    identify(page, photographs / "one.png")
    answer(page, "identify")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_each_of_several_is_said_to_be_judged_by_itself(serve, visit, photographs):
    page = visit(serve(OpenAccess()))
    for people, expected in (("Ada", ""), ("Grace", "Each is judged by itself, so these need not add up to 100 %.")):
        enrol(page, people, photographs / "one.png")
        answer(page, "enrol")
        identify(page, photographs / "one.png")
        answer(page, "identify")
        assert page.locator("#judged").inner_text() == expected


def test_nobody_is_explained(serve, visit, photographs, lattice, tmp_path):
    page = visit(serve(OpenAccess(), system=lattice))
    for number, name in enumerate(("one.png", "none.png")):
        page.get_by_role("link", name="Hide a face").click()
        page.get_by_label("Find the face").uncheck()
        hide(page, photographs / name)
        answer(page, "hide")
        with page.expect_download() as download:
            page.get_by_role("link", name="Save the picture").click()
        assert download.value.suggested_filename == f"coffee-{1 + number}.png"
        download.value.save_as(tmp_path / name)
    enrol(page, "Ada", tmp_path / "one.png")
    answer(page, "enrol")
    identify(page, tmp_path / "none.png")
    assert answer(page, "identify") == "This is nobody who is remembered here."
    assert "The bar is high" in page.locator("#candidates-said").inner_text()


def test_a_change_too_faint_to_see_is_said(serve, visit, photographs, system, lattice):
    """The change was plain grey where a system hides well, as if something had failed."""
    for each, faint in ((system, False), (lattice, True)):
        page = visit(serve(OpenAccess(), system=each))
        hide(page, photographs / "one.png")
        answer(page, "hide")
        assert (float(page.locator("#psnr").inner_text()) > 55) is faint
        assert page.get_by_text("At five times there is almost nothing to see").is_visible() is faint
        assert page.get_by_label("What was changed").input_value() == "5"
