"""What computes, as the options `--accelerator`, `--devices` and `--precision` say."""

from typing import Any

from lightning.fabric import Fabric
from lightning.fabric.utilities.exceptions import MisconfigurationException


def make_fabric(arguments: dict[str, Any]) -> Fabric:
    """Make a Fabric.

    Args:
        arguments: `accelerator`, `devices` and `precision`.

    Raises:
        ValueError: If this machine has no such devices; says what to give instead.
    """
    try:
        return Fabric(**arguments)
    except (RuntimeError, MisconfigurationException) as error:
        raise ValueError(
            f"cannot compute with --accelerator {arguments['accelerator']} --devices {arguments['devices']} on this "
            f"machine: {error} Give --accelerator auto or cpu, and fewer --devices."
        ) from error
