"""Which secrets, covers and pairs make the test of a system, and its validation."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from miais.data.protocol import COVERS_PER_SECRET, IdentificationFiles, Protocol, VerificationPairs, assigned_covers


@dataclass(frozen=True)
class FaceProtocol:
    """Who is hidden where, and who is compared with whom.

    Attributes:
        pairs: Verification pairs.
        identification: Gallery and probes; None where there are none, as for validation.
        covers: Names of the covers of every secret that is needed, all with as many covers.
    """

    pairs: VerificationPairs
    identification: IdentificationFiles | None
    covers: Mapping[str, tuple[str, ...]]


def face_protocol(
    protocol: Protocol,
    split: str,
    secrets: Collection[str],
    covers: Collection[str],
    *,
    copies: int = COVERS_PER_SECRET,
) -> FaceProtocol:
    """Assign three covers to every secret of a split that a pair or the identification needs.

    Args:
        protocol: The fixed files.
        split: "test" or "val".
        secrets: Names of all images of the split's people, also of those in no pair: their order fixes the covers.
        covers: Names of the covers for this split.
        copies: Keep so many of the three.
    """
    pairs = protocol.pairs(split)
    identification = protocol.identification() if split == "test" else None
    needed = {*pairs.image_a, *pairs.image_b}
    if identification is not None:
        needed |= {*identification.gallery, *identification.probes}
    assigned = assigned_covers(secrets, covers)
    missing = sorted(needed.difference(assigned))
    if missing:
        raise ValueError(f"{len(missing)} images of the protocol are not in the set: {', '.join(missing[:5])}")
    return FaceProtocol(pairs, identification, {name: assigned[name][:copies] for name in assigned if name in needed})
