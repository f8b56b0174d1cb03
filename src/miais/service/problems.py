"""How the service says that something went wrong: one form of body for every error, RFC 9457."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from miais.service.field_errors import field_errors

MEDIA_TYPE = "application/problem+json"
_MEANINGS = {
    400: "The body is not a form.",
    401: "An access key is needed, or the one given is unknown.",
    403: "This caller may not do that, or the request came from another site's page.",
    404: "There is no such person or picture.",
    408: "The body took too long to arrive.",
    413: "The request is larger than this service takes.",
    415: "The body is of another kind than a multipart form.",
    422: "A field is missing or wrong, or a picture cannot be used; the text says which and what to do.",
    429: "Too many requests from this caller; `Retry-After` says when to come back.",
    503: "Too much is in work already, or the gallery or the audit log is away; see `Retry-After` and the text.",
    504: "The answer took too long and was given up.",
}


class ProblemBody(BaseModel):
    """What every error looks like."""

    type: str = Field(default="about:blank", examples=["about:blank"])
    title: str = Field(description="What the status means.", examples=["Unprocessable Content"])
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(
        description="What was expected, what came, and what to do.",
        examples=["secret: expected a PNG, JPEG, WebP, BMP or TIFF picture, got an empty file"],
    )


class Problem(HTTPException):
    """A request that cannot be answered, and why.

    Args:
        status: HTTP status.
        detail: What was expected, what came, and what to do.
        headers: More headers of the answer.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)


def problem_answer(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Make the answer of a problem."""
    body = ProblemBody(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(body.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of a verb for OpenAPI."""
    # FastAPI would file a `model` under application/json; `Service.openapi` adds what this points to.
    schema = {"$ref": f"#/components/schemas/{ProblemBody.__name__}"}
    later = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}, "example": "1"}}
    return {
        status: {
            "description": _MEANINGS[status],
            "headers": later if status in (429, 503) else {},
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def answer_problems(app: FastAPI) -> None:
    """Let every error of an app leave it in the one form."""

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> JSONResponse:
        detail = error.detail if isinstance(error, Problem) else _instead(request, error)
        return problem_answer(error.status_code, detail, error.headers)

    @app.exception_handler(RequestValidationError)
    async def of_fields(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem_answer(422, field_errors(error))


def _instead(request: Request, error: HTTPException) -> str:
    """Say what is there, where the framework says only that something is not."""
    if error.status_code == 404:
        return "expected an address that GET /openapi.json describes, got another one"
    if error.status_code == 405 and error.headers and "Allow" in error.headers:
        return f"expected {error.headers['Allow'].replace(', ', ' or ')}, got {request.method[:20]}"
    return error.detail
