"""Recognising: who is hidden, without restoring the face."""

import asyncio
import math
from functools import partial
from typing import Annotated

from fastapi import APIRouter, File, Form, Request

from miais.identification import Identification, calibration_of, identify
from miais.service.answers import CandidateAnswer, EmbedAnswer, IdentifyAnswer, VerifyAnswer
from miais.service.gate import needs
from miais.service.gated_route import GatedRoute
from miais.service.problems import Problem, problems
from miais.service.routes.requested import InWorkshop, about, key

router = APIRouter(route_class=GatedRoute, dependencies=[key], tags=["recognition"])
_PROBLEMS = problems(400, 401, 403, 408, 413, 415, 422, 429, 503, 504)
_Rate = Annotated[float, Form(gt=0, lt=1, examples=[0.01])]


@router.post("/embed", openapi_extra=needs("recognise"), responses=_PROBLEMS)
async def embed(
    workshop: InWorkshop,
    container: Annotated[bytes, File(description="A PNG made by /hide.")],
) -> EmbedAnswer:
    """Describe the hidden person by a vector; near ones are the same person."""
    picture = await workshop.read(container, "container")
    embedding = await workshop.embed(picture.image, "container")
    return EmbedAnswer(embedding=embedding.tolist(), system_hash=workshop.system.card.system_hash)


@router.post("/verify", openapi_extra=needs("recognise"), responses=_PROBLEMS)
async def verify(
    workshop: InWorkshop,
    a: Annotated[bytes, File(description="A PNG made by /hide.")],
    b: Annotated[bytes, File(description="Another, of the same system.")],
    false_accept_rate: Annotated[_Rate, Form(description="One of those that GET /system lists.")] = 0.01,
) -> VerifyAnswer:
    """Say whether two containers hide the same person."""
    try:
        threshold = workshop.system.card.threshold_at(false_accept_rate).threshold
    except ValueError as error:
        raise Problem(422, f"false_accept_rate: {error}") from error
    pictures = {field: await workshop.read(data, field) for field, data in (("a", a), ("b", b))}
    first, second = await asyncio.gather(*(workshop.embed(each.image, field) for field, each in pictures.items()))
    distance = (first - second).norm().item()
    calibrated = math.isfinite(threshold)
    return VerifyAnswer(
        same=distance < threshold if calibrated else None,
        distance=distance,
        threshold=threshold if calibrated else None,
        false_accept_rate=false_accept_rate,
    )


@router.post("/identify", name="identify", openapi_extra=needs("recognise"), responses=_PROBLEMS)
async def identify_person(
    request: Request,
    workshop: InWorkshop,
    container: Annotated[bytes, File(description="A PNG made by /hide.")],
    top: Annotated[int, Form(ge=1, le=50, description="How many candidates, at most.", examples=[5])] = 5,
    false_positive_rate: Annotated[_Rate, Form(description="How often a stranger may be taken for somebody.")] = 0.01,
) -> IdentifyAnswer:
    """Say who of the enrolled people is hidden in a container, or that it is none of them."""
    picture = await workshop.read(container, "container")
    probes = (await workshop.embed(picture.image, "container"))[None]
    try:
        calibration, rate = calibration_of(workshop.system), false_positive_rate
        search = partial(identify, calibration=calibration, probes=probes, top=top, false_positive_rate=rate)
        (found,) = await workshop.gallery.ask(search)
    except ValueError as error:
        raise Problem(422, str(error)) from error
    about(request, *(candidate.person for candidate in found.candidates))
    return _answer(found)


def _answer(found: Identification) -> IdentifyAnswer:
    return IdentifyAnswer(
        person=found.person,
        threshold=found.threshold if math.isfinite(found.threshold) else None,
        false_positive_rate=found.false_positive_rate,
        candidates=[
            CandidateAnswer(person=each.person, distance=each.distance, probability=each.probability)
            for each in found.candidates
        ],
    )
