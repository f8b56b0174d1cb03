"""The page of a service that asks for keys shows what a key opens."""

import pytest
from page.clicks import answer, enrol, enter_key, refusal, refusals

from miais.service.access import KeyedAccess, OpenAccess
from miais.service.access_keys import add_key


@pytest.fixture
def key_of(tmp_path):
    """Add a key: key_of(role, ...) -> the key."""
    return lambda *roles: add_key(tmp_path / "keys.json", "-".join(roles), roles)


def tabs(page):
    return page.locator("nav a").filter(visible=True).all_inner_texts()


def test_a_key_is_asked_for_and_shows_what_it_opens(serve, visit, key_of, tmp_path):
    key = key_of("recognise")
    page = visit(serve(KeyedAccess(tmp_path / "keys.json")))
    page.wait_for_function("document.activeElement.id === 'key-field'")
    assert refusals(page).count() == 0  # nothing has failed yet
    enter_key(page, "wrong")
    refusals(page).wait_for()
    assert refusal(page) == "This access key is not known here."
    enter_key(page, key)
    page.get_by_role("heading", name="Who is it?").wait_for()
    assert tabs(page) == ["Who is it?", "Same person?"]
    assert page.locator("#identify-title").evaluate("title => title === document.activeElement")
    assert refusals(page).count() == 0


def test_a_key_that_opens_nothing_is_said_and_another_can_be_given(serve, visit, key_of, tmp_path):
    useless, useful = key_of("restore"), key_of("hide")
    page = visit(serve(KeyedAccess(tmp_path / "keys.json", restore=False)))
    enter_key(page, useless)
    refusals(page).wait_for()
    assert refusal(page).startswith("This key opens nothing here.")
    assert tabs(page) == []
    enter_key(page, useful)
    page.get_by_role("heading", name="Hide a face").wait_for()
    assert tabs(page) == ["Hide a face"]
    assert refusals(page).count() == 0


def test_a_registrar_enrols(serve, visit, key_of, photographs, tmp_path):
    """It enrolled, and then said that it had not, since this key may not recognise."""
    key = key_of("hide", "admin")
    page = visit(serve(KeyedAccess(tmp_path / "keys.json")))
    enter_key(page, key)
    enrol(page, "Ada", photographs / "one.png")
    assert answer(page, "enrol") == "Ada is remembered."
    assert refusals(page).count() == 0


def test_restoring_is_not_offered_where_it_is_off(serve, visit):
    page = visit(serve(OpenAccess()))
    page.get_by_role("link", name="Hide a face").wait_for()
    assert not page.get_by_role("link", name="Show the face").is_visible()
