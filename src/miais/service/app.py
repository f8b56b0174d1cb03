"""The application: verbs, page and what guards them, put together."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from miais.gallery.gallery import Gallery
from miais.service.access import LOCAL_HOSTS, Access
from miais.service.audit import AuditLog
from miais.service.gate import Gate
from miais.service.gauges import Gauges
from miais.service.house import House
from miais.service.outer import Outer
from miais.service.own_site import OwnSite
from miais.service.problems import answer_problems
from miais.service.routes import hiding, people, recognising, state
from miais.service.routes.page import add_page
from miais.service.settings import Bounds
from miais.system import StegoSystem

_DESCRIPTION = """\
Hide a face in an ordinary picture and recognise the person on that picture, without restoring the face.

Pictures are sent as multipart forms. What is sent stays in memory while it is worked on and is neither kept nor
logged; enrolling keeps a vector and a small picture of the container. Every error is `application/problem+json`.
"""


def create_app(
    system: StegoSystem,
    gallery: Gallery,
    access: Access,
    *,
    bounds: Bounds | None = None,
    audit: AuditLog | None = None,
    hosts: Collection[str] = (),
) -> FastAPI:
    """Make the application.

    Args:
        system: Hides, recognises, perhaps restores.
        gallery: Of embeddings that this system made; the application closes it.
        access: Who may do what.
        bounds: What it takes on; None for the usual.
        audit: Where it is kept who asked what; the application closes it. None to keep no such log.
        hosts: Further names that the service goes by. Where no key is needed, only these and those of the own machine
            are answered to; where keys are needed, any if there are none.
    """
    bounds, gauges = bounds or Bounds(), Gauges()
    house = House(system, gallery, bounds, gauges)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        house.open()
        yield
        await house.close()
        if audit is not None:
            audit.close()

    # Its pages of documentation would fetch scripts from elsewhere.
    app = FastAPI(
        title="miais", description=_DESCRIPTION, version=_version(), lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.house, app.state.gauges = house, gauges
    app.state.gate = Gate(access, bounds, gauges, audit)
    for router in (hiding.router, recognising.router, people.router, state.gated, state.open_to_all):
        app.include_router(router)
    add_page(app)
    answer_problems(app)
    app.add_middleware(OwnSite, hosts=hosts if access.needs_key else (*LOCAL_HOSTS, *hosts))
    app.add_middleware(Outer, gauges=gauges)
    return app


def _version() -> str:
    try:
        return version("miais")
    except PackageNotFoundError:
        return "0"
