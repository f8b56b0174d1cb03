"""The methods of visual hiding by the names that the command line has for them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import typer

from miais.obfuscation import (
    P3,
    BlockShuffle,
    CombinedCatMap,
    EncryptionThenCompression,
    ExtendedLearnableEncryption,
    GaussianBlur,
    GreyEncryptionThenCompression,
    HogEncryption,
    LearnableEncryption,
    Mosaic,
    Obfuscation,
    PixelBasedEncryption,
    XorEncryption,
)
from miais.recipes.overrides import with_overrides

KEYED: dict[str, Callable[[bytes], Obfuscation]] = {
    "ccm": CombinedCatMap,
    "ccm-diffusion": partial(CombinedCatMap, diffusion=True),
    "le": LearnableEncryption,
    "pbie": PixelBasedEncryption,
    "etc": EncryptionThenCompression,
    "etc-grey": GreyEncryptionThenCompression,
    "ele": ExtendedLearnableEncryption,
    "em-hog": HogEncryption,
    "ppfr": XorEncryption,
    "bws": BlockShuffle,
}
KEYLESS: dict[str, Callable[[], Obfuscation]] = {"dio": P3, "dio-mosaic": Mosaic, "dio-blur": GaussianBlur}
FOR_JPEG = frozenset({"etc", "etc-grey", "em-hog"})
"""Those whose result may become a JPEG: they move whole blocks, and undone they show the picture with JPEG's errors."""

Method = TypeVar("Method", bound=Obfuscation)


def make_method(name: str, key: bytes | None, settings: Sequence[str]) -> Obfuscation:
    """Make a method.

    Args:
        name: One of `KEYED` or `KEYLESS`.
        key: 32 bytes; None for a method without a key.
        settings: Texts such as "block=8".

    Raises:
        typer.BadParameter: If a setting is none of the method's, or has a value that it refuses.
        ValueError: If the name is unknown or a key is missing.

    Example:
        >>> make_method("dio-mosaic", None, ["window=32"])
        Mosaic(window=32)
    """
    method: Obfuscation
    if name in KEYLESS:
        method = KEYLESS[name]()
    elif name in KEYED and key is not None:
        method = KEYED[name](key)
    else:
        raise ValueError(f"expected one of {', '.join([*KEYED, *KEYLESS])}, and a key where it takes one, got {name!r}")
    return _with_settings(method, settings)


def _with_settings(method: Method, settings: Sequence[str]) -> Method:
    for setting in settings:
        if setting.partition("=")[0] == "key":
            # Not on a command line, where others may read it.
            raise typer.BadParameter("the key comes from a file: --key-file", param_hint="--set key")
        if "=" not in setting:
            raise typer.BadParameter(f"expected key=value, such as block=8, got {setting!r}", param_hint="--set")
    try:
        return with_overrides(method, settings)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--set") from error
