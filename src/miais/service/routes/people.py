"""Who is enrolled: add, list, forget."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Request

from miais.gallery.gallery import Enrolment, Gallery, UnknownPersonError
from miais.gallery.names import MAX_NAME, checked_name
from miais.service.answers import EnrolAnswer, ForgetAnswer, PersonAnswer
from miais.service.gate import needs
from miais.service.gated_route import GatedRoute
from miais.service.problems import Problem, problems
from miais.service.routes.requested import AtGate, InWorkshop, about, key
from miais.thumbnail import thumbnail

router = APIRouter(route_class=GatedRoute, dependencies=[key], tags=["people"])
_MOST_CONTAINERS, _MOST_LISTED = 16, 1000
_UPLOAD_PROBLEMS = problems(400, 401, 403, 408, 413, 415, 422, 429, 503, 504)


@router.post("/enroll", openapi_extra=needs("admin"), responses=_UPLOAD_PROBLEMS, status_code=201)
async def enrol(
    request: Request,
    workshop: InWorkshop,
    gate: AtGate,
    person: Annotated[str, Form(description="A name: 1 to 200 printable characters.", examples=["Ada"])],
    containers: Annotated[
        list[bytes],
        File(description="PNGs made by /hide that hide this person; no plain faces.", max_length=_MOST_CONTAINERS),
    ],
) -> EnrolAnswer:
    """Enrol containers of a person who is new or known: their vectors and small pictures of the containers are kept.

    Whoever may enrol decides whom others are recognised as, so this takes the role admin.
    """
    name = _name(person)
    about(request, name)
    enrolments = []
    for number, data in enumerate(containers):
        field = f"containers[{number}]"
        picture = await workshop.read(data, field)
        embedding = await workshop.embed(picture.image, field)
        small = await workshop.do(partial(thumbnail, picture.image))
        enrolments.append(Enrolment(name, embedding, small, datetime.now(UTC)))
    await gate.note(request)
    added = await workshop.gallery.change(lambda gallery: gallery.enrol(enrolments))
    return EnrolAnswer(person=name, added=added)


@router.get("/people", openapi_extra=needs("recognise", "admin"), responses=problems(401, 403, 422, 429, 503, 504))
async def people(
    workshop: InWorkshop,
    start: Annotated[int, Query(ge=0, description="How many to leave out.", examples=[0])] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST_LISTED, description="How many to list.", examples=[100])] = _MOST_LISTED,
) -> list[PersonAnswer]:
    """List the people who are enrolled, by name, up to 1000 at once; GET /system counts them."""
    return await workshop.gallery.ask(partial(_listed, start=start, limit=limit))


@router.delete(
    "/people/{person:path}", openapi_extra=needs("admin"), responses=problems(401, 403, 404, 422, 429, 503, 504)
)
async def forget(
    request: Request,
    workshop: InWorkshop,
    gate: AtGate,
    person: Annotated[str, Path(description="A name, as GET /people lists it.", examples=["Ada"], max_length=MAX_NAME)],
) -> ForgetAnswer:
    """Forget a person: vectors, small pictures and every trace in the gallery's files. The audit log keeps the name."""
    about(request, person)
    unknown = Problem(404, f"nobody is enrolled as {person!r}; GET /people shows who is enrolled")
    if not person.isprintable():
        raise unknown
    await gate.note(request)
    try:
        removed = await workshop.gallery.change(lambda gallery: gallery.forget(person))
    except UnknownPersonError as error:
        raise unknown from error
    return ForgetAnswer(person=person, removed=removed)


def _name(person: str) -> str:
    try:
        return checked_name(person)
    except ValueError as error:
        raise Problem(422, f"person: {error}") from error


def _listed(gallery: Gallery, start: int, limit: int) -> list[PersonAnswer]:
    return [
        PersonAnswer(person=each.name, containers=each.containers, added=each.added.isoformat(timespec="seconds"))
        for each in gallery.people()[start : start + limit]
    ]
