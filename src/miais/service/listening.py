"""Listening until told to end, and then finishing what was taken."""

import signal
import socket

import uvicorn
from fastapi import FastAPI


def open_socket(host: str, port: int) -> socket.socket:
    """Take an address before anything else is begun.

    Args:
        host: Address or name.
        port: 0 for any free one.

    Raises:
        OSError: If the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise OSError(f"cannot listen on {host}, port {port} ({error.strerror}); take another --port") from error


def listen(app: FastAPI, listener: socket.socket, *, grace_seconds: float) -> None:
    """Serve an application until SIGTERM or Ctrl-C.

    Then no connection is accepted any more, what was taken is answered, and the function returns.

    Args:
        app: From `create_app`.
        listener: From `open_socket`; closed at the end.
        grace_seconds: How long answers may take at the end.
    """
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # whoever is on this machine could write any address there
        server_header=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=max(1, round(grace_seconds)),
    )
    # Uvicorn sends itself the signal again once it is done; to be told to end is not a failure here.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
