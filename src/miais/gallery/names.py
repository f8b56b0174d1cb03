"""How people may be called, and one spelling for each name."""

import unicodedata

MAX_NAME = 200
"""Characters."""


def spelled(name: str) -> str:
    """Return a name as galleries keep it: without blanks around it, and each accent in one piece (NFC).

    Example:
        >>> spelled(" Zoe" + chr(0x308) + " ") == "Zo" + chr(0xEB)
        True
    """
    return unicodedata.normalize("NFC", name).strip()


def checked_name(name: str) -> str:
    """Return a name as galleries keep it, or refuse it.

    Raises:
        ValueError: If it is empty or too long, has a character that is not printable, or no URL or path could name it.

    Example:
        >>> checked_name(" Ada ")
        'Ada'
    """
    kept = spelled(name)
    if not 0 < len(kept) <= MAX_NAME:
        raise ValueError(f"expected a name of 1 to {MAX_NAME} printable characters, got {len(kept)} characters")
    hidden = next((character for character in kept if not character.isprintable()), None)
    if hidden is not None:
        title = unicodedata.name(hidden, "")
        raise ValueError(
            f"expected a name of 1 to {MAX_NAME} printable characters, got one with U+{ord(hidden):04X}"
            f"{f' ({title})' if title else ''} in it; leave that out"
        )
    if kept in (".", ".."):
        raise ValueError(f"expected a name, got {kept!r}: in an address that means a folder; choose another")
    return kept
