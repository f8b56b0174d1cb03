"""What is wrong with the fields of a request, in words: what was expected and what came, not what was in it."""

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError

_NAMES = ("person",)
# By pydantic's names for what can be wrong; braces take what it knows of the limit.
_SAID = {
    "bool_parsing": "expected true or false, got another text",
    "int_parsing": "expected a whole number, got another text",
    "float_parsing": "expected a number, got another text",
    "finite_number": "expected a finite number, got another one",
    "greater_than": "expected a number above {gt:g}, got another one",
    "greater_than_equal": "expected {ge:g} or more, got less",
    "less_than": "expected a number below {lt:g}, got another one",
    "less_than_equal": "expected {le:g} or less, got more",
    "string_type": "expected a text, got a file",
    "string_too_long": "expected {max_length} characters or fewer, got more",
    "too_long": "expected {max_length} of them or fewer, got more",
}


def field_errors(error: RequestValidationError) -> str:
    """Say which fields are wrong and how."""
    return "; ".join(_said(fault) for fault in error.errors())


def _said(fault: Mapping[str, Any]) -> str:
    # The first part of a place is "body", "query" or "path".
    kind, *rest = fault["loc"]
    field = ".".join(map(str, rest))
    if fault["type"] == "missing" and kind == "body":
        what = "a name" if field in _NAMES else "a picture"
        return f"{field}: expected {what} in the form field {field}, got none"
    said = _SAID.get(fault["type"])
    return f"{field}: {fault['msg'] if said is None else said.format(**fault.get('ctx', {}))}"
