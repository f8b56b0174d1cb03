"""Where and on what a benchmark ran, so that its numbers can be compared."""

import datetime
import platform
import shutil
import subprocess
from pathlib import Path

import torch


def describe_machine() -> dict[str, str]:
    """Return date, processor, threads, accelerator, versions, commit, and whether the working tree differs from it.

    Example:
        >>> sorted(describe_machine())
        ['accelerator', 'commit', 'cpu', 'date', 'dirty', 'python', 'threads', 'torch']
    """
    commit = _git("rev-parse", "--short", "HEAD")
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": _processor(),
        "threads": str(torch.get_num_threads()),
        "accelerator": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "commit": commit or "unknown",
        "dirty": ("yes" if _git("status", "--porcelain") else "no") if commit else "unknown",
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _git(*arguments: str) -> str:
    """Return git's answer about this repository, empty if there is none."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(Path(__file__).parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
