"""The application: verbs, page and what guards them, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI

from miais.gallery.gallery import Gallery
from miais.service.access import LOCAL_HOSTS, Access
from miais.service.audit import AuditLog
from miais.service.bounds import Bounds
from miais.service.envelope import Envelope
from miais.service.gate import Gate
from miais.service.gauges import Gauges
from miais.service.own_site import OwnSite
from miais.service.problems import ProblemBody, answer_problems
from miais.service.routes import hiding, people, recognising, state
from miais.service.routes.page import add_page
from miais.service.workshop import Workshop
from miais.system import StegoSystem

_DESCRIPTION = """\
Hide a face in an ordinary picture and recognise the person on that picture, without restoring the face.

Pictures are sent as multipart forms. What is sent stays in memory while it is worked on and is neither kept nor
logged; enrolling keeps a vector and a small picture of the container. Every error is `application/problem+json`.
"""


class Service(FastAPI):
    """The application; its OpenAPI knows what a problem looks like, and that forms have no other fields."""

    def openapi(self) -> dict[str, Any]:
        """Describe all verbs."""
        if self.openapi_schema is None:
            schemas = super().openapi()["components"]["schemas"]
            schemas[ProblemBody.__name__] = ProblemBody.model_json_schema()
            for name, schema in schemas.items():
                if name.startswith("Body_"):
                    schema["additionalProperties"] = False
        return super().openapi()


def create_app(
    system: StegoSystem,
    gallery: Gallery,
    access: Access,
    *,
    bounds: Bounds | None = None,
    audit: AuditLog | None = None,
) -> Service:
    """Make the application.

    Args:
        system: Hides, recognises, perhaps restores.
        gallery: Of embeddings that this system made; the application closes it.
        access: Who may do what.
        bounds: What it takes on; None for the usual.
        audit: Where it is kept who asked what; the application closes it. None to keep no such log.
    """
    bounds, gauges = bounds or Bounds(), Gauges()
    workshop = Workshop(system, gallery, bounds, gauges)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        workshop.open()
        yield
        await workshop.close()
        if audit is not None:
            audit.close()

    app = Service(
        title="miais",
        description=_DESCRIPTION,
        version=_version(),
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,  # these pages would fetch scripts from elsewhere
        redoc_url=None,
    )
    app.state.workshop, app.state.gauges = workshop, gauges
    app.state.gate = Gate(access, bounds, gauges, audit)
    for router in (hiding.router, recognising.router, people.router, state.gated, state.open_to_all):
        app.include_router(router)
    add_page(app)
    answer_problems(app)
    if not access.needs_key:
        app.add_middleware(OwnSite, hosts=LOCAL_HOSTS)
    app.add_middleware(Envelope, gauges=gauges)
    return app


def _version() -> str:
    try:
        return version("miais")
    except PackageNotFoundError:
        return "0"
