"""`miais serve`: one system and one gallery behind an HTTP service and a web page."""

import importlib.util
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from miais.cli.gallery_option import opened_gallery
from miais.cli.options import RECOGNISER, KeyFile, Model

EXAMPLES = """\b
Examples:
  miais serve                                  # http://127.0.0.1:8000, for you alone
  miais serve --model lfw-multi --allow-restore
  miais keys add registrar --role hide --role admin
  miais serve --host 0.0.0.0 --keys miais-keys.json
"""

_NEEDED = ("fastapi", "uvicorn", "python_multipart", "prometheus_client", "limits", "skimage")


def serve(
    model: Model = RECOGNISER,
    key_file: KeyFile = None,
    gallery: Annotated[
        str, typer.Option("--gallery", metavar="URI", help="Who is enrolled; made where there is none.")
    ] = "miais-gallery",
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 for any free one.")] = 8000,
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="FILE", help="Access keys, made by `miais keys`.")
    ] = None,
    allow_restore: Annotated[bool, typer.Option("--allow-restore", help="Let callers restore faces.")] = False,
    audit: Annotated[
        Path, typer.Option("--audit", metavar="FILE", help="Who asked what about whom, by name; appended to.")
    ] = Path("miais-audit.jsonl"),
    max_megapixels: Annotated[float, typer.Option("--max-megapixels", min=0.01, max=50, help="Of one picture.")] = 4.0,
    max_upload_mb: Annotated[float, typer.Option("--max-upload-mb", min=0.01, help="Of one request, MiB.")] = 16.0,
    queue: Annotated[int, typer.Option("--queue", min=1, help="Requests in work at once; more get a 503.")] = 16,
    rate: Annotated[
        str, typer.Option("--rate", help="How often one caller may ask: COUNT/second, minute, hour or day.")
    ] = "600/minute",
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Longest time of an answer, seconds.")] = 30.0,
) -> None:
    """Serve hiding, recognition and a gallery over HTTP, with a web page at /.

    On this machine alone nobody needs a key. To be reached from others it takes --keys. Restoring is off without
    --allow-restore. Pictures are neither kept nor logged; enrolling keeps a vector and a small copy of the container.
    Names of people are in the gallery, and in the audit log, which keeps them after they are forgotten. SIGTERM and
    Ctrl-C finish what was taken.
    """
    _check_installed()
    from miais.service.access import choose_access
    from miais.service.audit import AuditLog
    from miais.service.bounds import Bounds
    from miais.service.listening import open_socket

    bounds = Bounds(
        upload_bytes=round(max_upload_mb * 2**20),
        pixels=round(max_megapixels * 1e6),
        waiting=queue,
        rate=rate,
        seconds=timeout,
    )
    access = choose_access(host, keys, restore=allow_restore)
    with open_socket(host, port) as listener, closing(AuditLog(audit)) as log:
        # What takes seconds to import comes once all that can be refused at once has been.
        from miais.cli.load_system import load_system
        from miais.identification import maker_of
        from miais.service.app import create_app
        from miais.service.listening import listen
        from miais.service.logs import log_to_stderr
        from miais.service.memory import bound_memory

        bound_memory()
        system = load_system(model, key_file)
        if allow_restore and system.restorer is None:
            raise ValueError(f"{system.card.name} cannot restore; leave --allow-restore out or take --model lfw-multi")
        with opened_gallery(gallery, maker_of(system), create=True) as people:
            app = create_app(system, people, access, bounds=bounds, audit=log)
            log_to_stderr()
            shown = f"[{host}]" if ":" in host else host
            typer.echo(f"Serving {system.card.name} on http://{shown}:{listener.getsockname()[1]} - Ctrl-C ends it.")
            listen(app, listener, grace_seconds=timeout)


def _check_installed() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ModuleNotFoundError(f"the service needs {', '.join(missing)}; run: pip install 'miais[service]'")
