"""What a gallery of people is, whichever database keeps it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from torch import Tensor


@dataclass(frozen=True)
class Maker:
    """What made the embeddings of a gallery; those of another maker say nothing about them.

    Attributes:
        system: Name of the system, for messages.
        system_hash: Of its weights, `SystemCard.system_hash`.
        key_fingerprint: Of the user's key, `StegoSystem.key_fingerprint`; None for the public one.
        dimension: D, length of an embedding.

    Raises:
        ValueError: If the dimension is not a positive integer.
    """

    system: str
    system_hash: str
    key_fingerprint: str | None
    dimension: int

    def __post_init__(self) -> None:
        if not isinstance(self.dimension, int) or self.dimension < 1:
            raise ValueError(f"expected a positive integer as dimension, got {self.dimension!r}")


@dataclass(frozen=True)
class Enrolment:
    """One enrolled container.

    Attributes:
        person: Whose it is: any text that `checked_name` takes.
        embedding: Unit vector, float32, shape (D,), on the CPU.
        thumbnail: A small picture of the container, PNG; None where none is kept.
        added: When, UTC.
    """

    person: str
    embedding: Tensor
    thumbnail: bytes | None
    added: datetime


@dataclass(frozen=True)
class Person:
    """Somebody who is enrolled.

    Attributes:
        name: Of the person.
        containers: How many are enrolled.
        added: When the first was, UTC.
    """

    name: str
    containers: int
    added: datetime


@dataclass(frozen=True)
class Match:
    """An enrolled person beside a probe.

    Attributes:
        person: Name.
        distance: Euclidean distance of the probe to the nearest of the person's embeddings, in [0, 2].
    """

    person: str
    distance: float


class UnknownPersonError(ValueError):
    """Nobody of that name is enrolled.

    Args:
        name: What was asked for.
        near: Who is called nearly so.
    """

    def __init__(self, name: str, near: Sequence[str] = ()) -> None:
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        super().__init__(f"nobody is enrolled as {name!r}{hint}")
        self.near = tuple(near)


@runtime_checkable
class Gallery(Protocol):
    """Enrolled people, kept by one database.

    What has returned is durable: a process killed at any moment loses nothing that was acknowledged, and what was not
    is there in full or not at all. Methods may be called from several threads.
    """

    @property
    def maker(self) -> Maker:
        """What made its embeddings."""

    @property
    def containers(self) -> int:
        """How many are enrolled, of all people."""

    def __len__(self) -> int:
        """Count the people."""

    def enrol(self, enrolments: Sequence[Enrolment]) -> int:
        """Add containers, all of them or none; those that their person has already are left out, see `new_among`.

        Args:
            enrolments: Of people who are known or new; names are kept as `checked_name` gives them.

        Returns:
            How many were added.

        Raises:
            ValueError: If a name or an embedding is not as `Enrolment` says.
        """

    def forget(self, person: str) -> int:
        """Remove a person: embeddings, thumbnails and every trace of them in the database's files.

        Args:
            person: Name, in any spelling that `spelled` makes the same.

        Returns:
            How many containers were removed.

        Raises:
            UnknownPersonError: If nobody is called so; the text names near ones.
        """

    def search(self, probes: Tensor, top: int) -> list[list[Match]]:
        """Find the people nearest to each probe.

        Args:
            probes: Unit vectors, shape (N, D).
            top: How many people, at most.

        Returns:
            For each probe different people, nearest first.

        Raises:
            ValueError: If the probes do not have the gallery's dimension or are not finite.
        """

    def people(self) -> list[Person]:
        """List the people, by name."""

    def enrolments(self, person: str | None = None) -> Iterator[Enrolment]:
        """Go through all enrolled containers, or those of one person.

        They are read little by little: nobody may change the gallery until all are read.

        Raises:
            UnknownPersonError: If nobody is called so.
        """

    def close(self) -> None:
        """Let the database go; the gallery is not used any more."""
