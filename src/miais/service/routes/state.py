"""What the service says of itself."""

import math

from fastapi import APIRouter, Request, Response

from miais.service.answers import StateAnswer, SystemAnswer
from miais.service.gate import needs
from miais.service.gated_route import GatedRoute
from miais.service.gauges import Gauges
from miais.service.problems import Problem, problems
from miais.service.routes.requested import AtGate, InWorkshop, key

gated = APIRouter(route_class=GatedRoute, dependencies=[key], tags=["service"])
open_to_all = APIRouter(tags=["service"])


@gated.get(
    "/system",
    openapi_extra=needs(audited=False, queued=False),
    response_model_exclude_unset=True,
    responses=problems(401, 422, 429, 503, 504),
)
async def system(request: Request, workshop: InWorkshop, gate: AtGate) -> SystemAnswer:
    """Say what answers here, and what this caller may do."""
    card = workshop.system.card
    caller = gate.access.caller(request.headers.get("authorization"))
    limits = {"limits": card.limits} if card.limits else {}
    return SystemAnswer(
        **limits,
        name=card.name,
        task=card.task,
        image_size=card.image_size,
        system_hash=card.system_hash,
        key_fingerprint=workshop.system.key_fingerprint,
        false_accept_rates=[threshold.far for threshold in card.thresholds],
        roles=sorted(caller.roles),
        max_pixels=gate.bounds.pixels,
        max_upload_bytes=gate.bounds.upload_bytes,
        people=await workshop.gallery.ask(len),
    )


@gated.get(
    "/metrics",
    openapi_extra=needs("metrics", "admin", audited=False, queued=False),
    response_class=Response,
    responses={
        200: {"description": "Measures for Prometheus.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **problems(401, 403, 422, 429, 503, 504),
    },
)
async def metrics(request: Request, workshop: InWorkshop) -> Response:
    """Count and time what was asked, in Prometheus' text format; `miais_people` is NaN while the gallery is away."""
    gauges: Gauges = request.app.state.gauges
    people = await workshop.gallery.glance()
    gauges.people.set(math.nan if people is None else people)
    return Response(gauges.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


@open_to_all.get("/health")
async def health() -> StateAnswer:
    """Say that the process is alive."""
    return StateAnswer(state="ok")


@open_to_all.get("/ready", responses=problems(503))
async def ready(workshop: InWorkshop, gate: AtGate) -> StateAnswer:
    """Say whether the next request would be taken."""
    if not workshop.is_open or gate.full:
        raise Problem(503, "too much is in work, or the service is starting or ending", {"Retry-After": "1"})
    if await workshop.gallery.glance() is None:
        raise Problem(503, "the gallery cannot be reached or refuses", {"Retry-After": "10"})
    return StateAnswer(state="ready")
