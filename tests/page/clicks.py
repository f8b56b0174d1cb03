"""What every visit of the page does: fill in, wait for the answer, read it."""


def hide(page, secret):
    page.get_by_label("The face to hide").set_input_files(secret)
    page.get_by_label("A cup of coffee").check()
    page.get_by_role("button", name="Hide the face").click()


def enrol(page, person, container):
    page.get_by_role("link", name="Remember a person").click()
    page.get_by_label("Name").fill(person)
    page.get_by_label("A picture that carries the face").set_input_files(container)
    page.get_by_role("button", name="Remember", exact=True).click()


def identify(page, container):
    page.get_by_role("link", name="Who is it?").click()
    page.locator("#identify").get_by_label("A picture that carries a face").set_input_files(container)
    page.get_by_role("button", name="Ask", exact=True).click()


def enter_key(page, key):
    page.get_by_label("Access key").fill(key)
    page.get_by_role("button", name="Use this key").click()


def answer(page, view):
    """Wait for the answer of a view and return its heading, which has the focus then."""
    heading = page.locator(f"#{view} .answer h3")
    heading.wait_for()
    assert heading.evaluate("heading => heading === document.activeElement")
    return heading.inner_text()


def refusals(page):
    return page.get_by_role("alert").filter(visible=True)


def refusal(page):
    return refusals(page).inner_text()


def width_of(page, selector):
    page.wait_for_function(f"document.querySelector('{selector}').naturalWidth > 0")
    return page.locator(selector).evaluate("image => image.naturalWidth")
