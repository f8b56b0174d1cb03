"""Listening until told to end, and then finishing what was taken."""

import signal

import uvicorn
from fastapi import FastAPI


def listen(app: FastAPI, host: str, port: int, *, grace_seconds: float) -> None:
    """Serve an application until SIGTERM or Ctrl-C.

    Then no connection is accepted any more, what was taken is answered, and the function returns.

    Args:
        app: From `create_app`.
        host: Address to bind to.
        port: Port; 0 for any free one, which the log names.
        grace_seconds: How long answers may take at the end.

    Raises:
        OSError: If the address cannot be bound.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=max(1, round(grace_seconds)),
        h11_max_incomplete_event_size=64 * 1024,
        http="h11",
    )
    # Uvicorn sends itself the signal again once it is done; to be told to end is not a failure here.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        uvicorn.Server(config).run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
