"""Who is enrolled: add, list, forget."""

from datetime import datetime, timezone
from functools import partial
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Request

from miais.gallery.gallery import Enrolment, UnknownPersonError
from miais.service.answers import EnrolAnswer, ForgetAnswer, PersonAnswer
from miais.service.gate import GatedRoute, needs
from miais.service.pictures import checked_name, read_upload
from miais.service.problems import Problem, problems
from miais.service.routes.requested import AtGate, InHouse, about, key
from miais.thumbnail import thumbnail

router = APIRouter(route_class=GatedRoute, dependencies=[key], tags=["people"])
_MOST_CONTAINERS = 16


@router.post(
    "/enroll", openapi_extra=needs("admin"), responses=problems(400, 401, 403, 413, 422, 429, 503, 504), status_code=201
)
async def enrol(
    request: Request,
    house: InHouse,
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
    name = checked_name(person)
    about(request, name)
    enrolments = []
    for number, data in enumerate(containers):
        picture = await house.read(partial(read_upload, data, f"containers[{number}]", gate.bounds.pixels))
        embedding = await house.embed(picture.image)
        small = await house.write(partial(thumbnail, picture.image))
        enrolments.append(Enrolment(name, embedding, small, datetime.now(timezone.utc)))
    await house.look_up(partial(house.gallery.enrol, enrolments))
    return EnrolAnswer(person=name, added=len(enrolments))


@router.get("/people", openapi_extra=needs("recognise"), responses=problems(401, 403, 422, 429, 503, 504))
async def people(house: InHouse) -> list[PersonAnswer]:
    """List the people who are enrolled, by name."""
    return [
        PersonAnswer(person=each.name, containers=each.containers, added=each.added.isoformat(timespec="seconds"))
        for each in await house.look_up(house.gallery.people)
    ]


@router.delete("/people/{person}", openapi_extra=needs("admin"), responses=problems(401, 403, 404, 422, 429, 503, 504))
async def forget(
    request: Request,
    house: InHouse,
    person: Annotated[str, Path(description="A name, as GET /people lists it.", examples=["Ada"], max_length=200)],
) -> ForgetAnswer:
    """Forget a person: vectors, small pictures and every trace in the gallery's files. The audit log keeps the name."""
    about(request, person)
    try:
        removed = await house.look_up(partial(house.gallery.forget, person))
    except UnknownPersonError as error:
        raise Problem(404, str(error)) from error
    return ForgetAnswer(person=person, removed=removed)
