"""What an evaluation on people says."""

from dataclasses import dataclass

from miais.evaluation.saved import Fidelity
from miais.metrics.identification import IdentificationReport
from miais.metrics.match_calibration import MatchCalibration
from miais.metrics.verification import PairedDrop, ThresholdAtFar, VerificationReport


@dataclass(frozen=True)
class Recognition:
    """How well one kind of image is recognised."""

    verification: VerificationReport
    identification: IdentificationReport | None


@dataclass(frozen=True)
class FaceEvaluation:
    """A system's scores, all from saved 8-bit files.

    Attributes:
        system: Name.
        distortion: What happened to the files before they were recognised; "none" for nothing.
        container: Fidelity of the containers, before the distortion.
        restored: Of the restored secrets, in 8 bits and at the system's size; None for a single-task system.
        plain: The secret classifier on plain secrets: the upper bound.
        hidden: The steg-classifiers on containers.
        drop: Paired accuracy drop, plain minus hidden, in points.
        thresholds: Of containers, by false-accept rate, from many more impostor pairs than the protocol has.
        calibration: Of containers, from all pairs of the protocol's images.
    """

    system: str
    distortion: str
    container: Fidelity
    restored: Fidelity | None
    plain: Recognition
    hidden: Recognition
    drop: PairedDrop
    thresholds: dict[float, ThresholdAtFar]
    calibration: MatchCalibration
