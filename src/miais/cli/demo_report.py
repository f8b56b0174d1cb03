"""What the demo found, and whether it is as it should be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

RESIDUAL_GAIN = 20
RESTORED_PSNR_DB = 20.0
PSNR_TOLERANCE_DB = 1.0


@dataclass(frozen=True)
class HiddenPicture:
    """A secret in a cover, measured from the saved container. Paths are relative to the report.

    Attributes:
        container: The file.
        exact: Whether reading the file gives the pixels that were written.
        same_size: Whether the container has its cover's size.
        psnr_db: Against the cover; None where nothing was changed or the sizes differ.
        ms_ssim: Against the cover, standard variant; None as above.
    """

    container: str
    exact: bool
    same_size: bool
    psnr_db: float | None
    ms_ssim: float | None


@dataclass(frozen=True)
class RestoredPicture:
    """A secret restored from a saved container, measured from the saved file against the secret at the same size."""

    picture: str
    psnr_db: float | None
    ms_ssim: float | None


@dataclass(frozen=True)
class CoverReport:
    """One cover with the demo's secret in it, once by each system.

    Attributes:
        name: Of the cover.
        picture: Its file.
        size: Width x height in pixels.
        recognised: By the system that recognises.
        residual: Picture of `RESIDUAL_GAIN` times what that one changed, on grey.
        restorable: By the system that restores too.
        restored: What that one restored.
    """

    name: str
    picture: str
    size: str
    recognised: HiddenPicture
    residual: str
    restorable: HiddenPicture
    restored: RestoredPicture


@dataclass(frozen=True)
class Comparison:
    """Another face in a container of its own, compared with the secret in each cover.

    Attributes:
        face: Its file.
        what: How it was made.
        cover: Name of the cover that it was hidden in.
        expected_same: Whether it shows the same person as the secret.
        hidden: Its container.
        distances: To the secret's container in each cover, in the covers' order.
        same: The system's answers.
    """

    face: str
    what: str
    cover: str
    expected_same: bool
    hidden: HiddenPicture
    distances: tuple[float, ...]
    same: tuple[bool, ...]


@dataclass(frozen=True)
class SystemFacts:
    """What the report says of a system; the budget is the least PSNR of a container in dB, before rounding."""

    name: str
    system_hash: str
    image_size: int
    psnr_budget_db: float | None


@dataclass(frozen=True)
class Check:
    """Something that must hold, whether it does, and the numbers."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class DemoReport:
    """Everything that the demo measured.

    Attributes:
        recogniser: The system that recognises on the container.
        restorer: The one that restores too.
        secret: The secret's file.
        far: False-accept rate of the threshold.
        threshold: Distance below which the answer is "same person".
        covers: One report for each cover.
        comparisons: One for each other face.
        seconds: How long it took.
    """

    recogniser: SystemFacts
    restorer: SystemFacts
    secret: str
    far: float
    threshold: float
    covers: tuple[CoverReport, ...]
    comparisons: tuple[Comparison, ...]
    seconds: float

    @property
    def same_accepted(self) -> float:
        """Share of the comparisons with the same person that were accepted."""
        return _share([answer for item in self.comparisons if item.expected_same for answer in item.same])

    @property
    def different_refused(self) -> float:
        """Share of the comparisons with other people that were refused."""
        return _share([not answer for item in self.comparisons if not item.expected_same for answer in item.same])

    @property
    def checks(self) -> tuple[Check, ...]:
        """What must hold for the demo to succeed; of the recognition, the majority of either kind."""
        recognised = [cover.recognised for cover in self.covers] + [item.hidden for item in self.comparisons]
        restorable = [cover.restorable for cover in self.covers]
        both = [*recognised, *restorable]
        same, different = self.same_accepted, self.different_refused
        worst = min(cover.restored.psnr_db or 0.0 for cover in self.covers)
        return (
            _files_check("every container reads back bit for bit", both, lambda hidden: hidden.exact),
            _files_check("every container has its cover's size", both, lambda hidden: hidden.same_size),
            _budget_check(self.recogniser, recognised),
            _budget_check(self.restorer, restorable),
            Check("the same person is accepted in most comparisons", same > 0.5, f"{same:.0%} accepted"),
            Check("other people are refused in most comparisons", different > 0.5, f"{different:.0%} refused"),
            Check(
                f"the restored secret has at least {RESTORED_PSNR_DB:.0f} dB",
                worst >= RESTORED_PSNR_DB,
                f"{worst:.1f} dB in the worst cover",
            ),
        )

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        """The checks that did not hold."""
        return tuple(check for check in self.checks if not check.passed)


def _share(answers: Sequence[bool]) -> float:
    return sum(answers) / len(answers)


def _files_check(name: str, files: Sequence[HiddenPicture], holds: Callable[[HiddenPicture], bool]) -> Check:
    failing = [hidden.container for hidden in files if not holds(hidden)]
    return Check(name, not failing, f"not {', '.join(failing)}" if failing else f"{len(files)} files")


def _budget_check(system: SystemFacts, files: Sequence[HiddenPicture]) -> Check:
    """Check the budget with a tolerance: it is kept before rounding to 8 bits. A container equal to its cover fails."""
    least = 0.0 if system.psnr_budget_db is None else system.psnr_budget_db - PSNR_TOLERANCE_DB
    worst = min(hidden.psnr_db or 0.0 for hidden in files)
    name = f"containers of {system.name} have a PSNR of at least {least:.1f} dB"
    return Check(name, worst > 0 and worst >= least, f"{worst:.1f} dB in the worst of {len(files)}")
