"""What users may rely on. A change here is a change for them: it belongs in CHANGELOG.md."""

import inspect
from importlib.resources import files

import pytest

import miais

FUNCTIONS = {
    "bundled_systems": [],
    "load": ["name_or_folder", "device", "key"],
    "read_image": ["path"],
    "read_key": ["path"],
    "write_png": ["path", "image"],
}
METHODS = {
    "build": ["card"],
    "device": None,
    "embed": ["self", "container"],
    "embed_secret": ["self", "secret"],
    "evidence": ["self", "container"],
    "hide": ["self", "secret", "cover", "strength"],
    "restore": ["self", "container"],
    "classify": ["self", "container"],
    "classify_secret": ["self", "secret"],
    "save": ["self", "folder"],
    "to": ["self", "device"],
}


def test_the_package_offers_exactly_these_names():
    assert sorted(miais.__all__) == sorted(["StegoSystem", *FUNCTIONS])
    assert all(hasattr(miais, name) for name in miais.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_exactly_these_arguments(name):
    assert list(inspect.signature(getattr(miais, name)).parameters) == FUNCTIONS[name]


def test_a_system_offers_exactly_these_methods():
    members = {name: member for name, member in vars(miais.StegoSystem).items() if not name.startswith("_")}
    assert members.keys() == METHODS.keys()
    for name, arguments in METHODS.items():
        if arguments is None:
            assert isinstance(members[name], property)
        else:
            assert list(inspect.signature(getattr(miais.StegoSystem, name)).parameters) == arguments


def test_everything_public_is_documented():
    public = [getattr(miais, name) for name in miais.__all__]
    methods = [getattr(miais.StegoSystem, name) for name in METHODS]
    assert all(inspect.getdoc(item) for item in [miais, *public, *methods])


def test_the_package_is_typed():
    assert files("miais").joinpath("py.typed").is_file()
