"""A service with its page on a port of this machine, and a real Chromium to click with."""

import shutil
import threading
import time
from dataclasses import replace

import pytest
from PIL import Image
from support.photographs import photograph, side_by_side
from support.systems import tiny_lattice, tiny_system

from miais.image import write_png
from miais.metrics.match_calibration import MatchCalibration
from miais.service.access import OpenAccess
from miais.system import load

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Untrained networks say nothing of people, so any line will do.
CALIBRATION = MatchCalibration(-8.0, 6.0, (0.5, 1.0, 2.0), (0.01, 0.2, 1.0), 0.1, genuine=100, impostors=1000)


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    loaded = load(tiny_system(tmp_path_factory.mktemp("systems") / "multi", multi=True))
    loaded.card = replace(loaded.card, calibration=CALIBRATION)
    return loaded


@pytest.fixture(scope="session")
def lattice(tmp_path_factory):
    """A system that knows whether anything is hidden in a picture."""
    return load(tiny_lattice(tmp_path_factory.mktemp("systems") / "lattice"))


@pytest.fixture
def serve(system):
    """Start a service: serve(access, system=..., pixels=...) -> its address."""
    uvicorn = pytest.importorskip("uvicorn", reason="the service needs uvicorn: pip install 'miais[service]'")
    from miais.gallery.exact import ExactGallery
    from miais.identification import maker_of
    from miais.service.app import create_app
    from miais.service.bounds import Bounds

    started = []

    def start(access, system=system, **bounds):
        app = create_app(system, ExactGallery(maker_of(system)), access, bounds=Bounds(**bounds))
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, http="h11"))
        thread = threading.Thread(target=server.run)
        thread.start()
        started.append((server, thread))
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    yield start
    for server, thread in started:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")  # an open one keeps an event loop running, which later tests cannot have
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="clicking needs Playwright: pip install playwright")
    if CHROMIUM is None:
        pytest.skip("clicking needs Chromium; on Debian and Ubuntu: apt install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Open a page: visit(address, **context). At the end nothing was asked of other sites and no script failed."""
    contexts, faults = [], []

    def open_page(address, **context):
        contexts.append(chromium.new_context(accept_downloads=True, **context))
        page = contexts[-1].new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        ours = (address, "data:", f"blob:{address}")
        page.on("request", lambda request: None if request.url.startswith(ours) else faults.append(request.url))
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(serve, visit):
    return visit(serve(OpenAccess(restore=True)))


@pytest.fixture(scope="session")
def photographs(tmp_path_factory):
    """Files to choose: with one face, with two, with none, a large one, a tiny one, and three that cannot be read."""
    folder = tmp_path_factory.mktemp("photographs")
    astronaut = photograph("astronaut", 256)
    write_png(folder / "one.png", astronaut)
    write_png(folder / "two.png", side_by_side(astronaut, photograph("astronaut", 200)))
    write_png(folder / "none.png", photograph("coffee", 200))
    write_png(folder / "large.png", photograph("astronaut", 512))
    write_png(folder / "tiny.png", astronaut[:, :1, :1])
    (folder / "broken.png").write_text("no picture at all")
    (folder / "cut.png").write_bytes((folder / "one.png").read_bytes()[:5000])
    Image.new("RGB", (64, 64), "red").save(folder / "moving.gif")
    return folder
