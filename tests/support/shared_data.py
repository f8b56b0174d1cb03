"""Where the project's shared folder is, for tests marked `shared`."""

import os
from pathlib import Path

SKIP_REASON = "needs the project's shared folder: ../shared beside the repository, or the one that MIAIS_SHARED names"


def shared_folder() -> Path | None:
    """Return the shared folder, or None where there is none."""
    beside = Path(__file__).resolve().parents[3] / "shared"
    folder = Path(os.environ.get("MIAIS_SHARED", beside))
    return folder if (folder / "protocol").is_dir() else None
