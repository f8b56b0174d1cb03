"""Which source and which machine trained a system."""

import subprocess
from pathlib import Path

import torch
from lightning.fabric import Fabric


def commit() -> str:
    """Return the commit of the source, with "+" where files differ from it; "unknown" outside a checkout."""
    here = Path(__file__).parent
    try:
        head, changes = (
            subprocess.run(["git", *words], cwd=here, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603, S607
            for words in (["rev-parse", "--short=12", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("+" if changes else "")


def machine(fabric: Fabric) -> str:
    """Describe what trained: device, processes, precision and the version of torch."""
    device = torch.cuda.get_device_name() if fabric.device.type == "cuda" else f"{torch.get_num_threads()} CPU threads"
    return f"{fabric.world_size} x {device}, {fabric.strategy.precision.precision}, torch {torch.__version__}"
