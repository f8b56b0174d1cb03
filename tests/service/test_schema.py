"""Requests drawn from the OpenAPI description: no answer is a failure of ours, and each is as described."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.pictures import picture_bytes

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
VERBS = [
    *(("POST", path) for path in ("/hide", "/restore", "/embed", "/verify", "/enroll", "/identify")),
    *(("GET", path) for path in ("/people", "/system", "/covers", "/metrics", "/health", "/ready")),
    ("DELETE", "/people/{person}"),
]
PICTURE = picture_bytes(2, (64, 80))
RIGHT = {
    **dict.fromkeys(("secret", "cover", "container", "a", "b"), PICTURE),
    "containers": [PICTURE],
    **dict.fromkeys(("false_accept_rate", "false_positive_rate"), 0.01),
    "crop_face": False,
}
NEEDED = {
    "/hide": ("secret", "cover"),
    **dict.fromkeys(("/restore", "/embed", "/identify"), ("container",)),
    "/verify": ("a", "b"),
    "/enroll": ("containers",),
}
BOUNDED = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def description(service):
    return schemathesis.openapi.from_url(f"{service.url}/openapi.json")


def test_all_verbs_are_tried(description):
    operations = {(each.ok().method.upper(), each.ok().path) for each in description.get_all_operations()}
    assert operations == set(VERBS)


@pytest.mark.parametrize(("method", "path"), VERBS)
def test_answers_are_as_described(description, method, path):
    """Of requests that follow the description and of others; half of the forms get real pictures."""
    operation = description[path][method]
    drawn = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if path not in ("/health", "/ready"):  # where nothing can be wrong
        drawn |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    statuses = set()

    @given(case=drawn, real=st.booleans())
    @BOUNDED
    def try_it(case, real):
        if real and isinstance(case.body, dict):
            case.body = {name: RIGHT.get(name, value) for name, value in case.body.items() if name != "cover_name"}
            case.body |= {name: RIGHT[name] for name in NEEDED[path]}
        statuses.add(case.call_and_validate(checks=CHECKS).status_code)

    try_it()
    assert statuses & ({404} if method == "DELETE" else {200, 201})  # names are drawn, so nobody is called so
