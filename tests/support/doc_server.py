"""The service as a page of the documentation starts it, on a port that is free."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

_WRITTEN = "127.0.0.1:8000"
_PROGRAM = """
import sys, pathlib, miais.system_folder
miais.system_folder.BUNDLED = pathlib.Path(sys.argv.pop(1))
from miais.cli.main import main
main()
"""


class DocServer:
    """One `miais serve` at a time.

    Args:
        systems: The folder of the systems that it takes for those of the package.
    """

    def __init__(self, systems: Path) -> None:
        self._systems, self._process, self._address = systems, None, _WRITTEN
        self._log = Path("served.log")

    def start(self, arguments: list[str]) -> None:
        """Start it with these arguments, and wait until it answers.

        Raises:
            RuntimeError: If it ends instead; the text is what it said.
        """
        self.stop()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self._address = f"127.0.0.1:{port}"
        command = [sys.executable, "-c", _PROGRAM, str(self._systems), *arguments, "--port", str(port)]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"{' '.join(arguments)}: {self._log.read_text()}")
            time.sleep(0.1)

    def reached(self, line: str) -> str:
        """Return a command line of the documentation with the address that the service really has."""
        return line.replace(_WRITTEN, self._address)

    def stop(self) -> None:
        """End it, as Ctrl-C does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://{self._address}/health", timeout=5) as answer:
                return answer.status == 200
        except (URLError, ConnectionError, TimeoutError):
            return False
