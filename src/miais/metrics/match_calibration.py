"""What a distance says: how likely it is one person's, and how often strangers come as near."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from miais.metrics.pairs import check_far


@dataclass(frozen=True)
class MatchCalibration:
    """Probabilities and false-accept rates from distances, fitted to pairs of validation people.

    The log-odds of "same person" at equal priors fall linearly with the distance: logistic regression, both kinds of
    pair weighing the same. Distances smaller than those of the pairs extrapolate that line.

    Accepted impostors are counted where they are many: from 1% of the pairs on. Below, the rate falls exponentially
    with the distance, as fitted to the nearest 1%. On impostor pairs of people held out from the fit (validation
    people of `lfw-single`, halved at random six times) that tail gave on average 1.14 times the rate asked for at
    1e-4 (0.4 to 2.3 times) and 1.19 times at 1e-3; the count itself 2.1 and 1.2 times, a generalised Pareto fit 2.1
    and 1.25 times, a normal distribution 9 and 3.5 times. The form and the 1% were chosen on these same halves, of
    four forms and of 0.5, 1 and 2%, so the tail will do somewhat worse elsewhere. Rates below 1 / `impostors` are
    extrapolated: no pair shows that the tail goes on like this.

    Attributes:
        slope: Change of the log-odds per unit of distance, not positive.
        intercept: Log-odds at distance 0.
        distances: Ascending; the first is where the tail ends.
        rates: Share of the impostor pairs below each of them, ascending to 1.
        tail_scale: Distance in which the tail falls by a factor e.
        genuine: Pairs of one person that were there.
        impostors: Pairs of different people.

    Raises:
        ValueError: If numbers are not finite or not as above.

    References:
        Coles, An Introduction to Statistical Modeling of Extreme Values, Springer 2001, chapter 4: the exponential tail
        is the generalised Pareto one of shape 0.
    """

    slope: float
    intercept: float
    distances: tuple[float, ...]
    rates: tuple[float, ...]
    tail_scale: float
    genuine: int
    impostors: int

    def __post_init__(self) -> None:
        numbers = (self.slope, self.intercept, self.tail_scale, *self.distances, *self.rates)
        if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
            raise ValueError(f"expected finite numbers in a calibration, got {numbers}")
        if self.slope > 0 or self.tail_scale <= 0:
            raise ValueError(f"expected slope <= 0 and tail_scale > 0, got {self.slope} and {self.tail_scale}")
        rising = all(low <= high for row in (self.distances, self.rates) for low, high in pairwise(row))
        if len(self.distances) != len(self.rates) or not self.rates or not rising or not 0 < self.rates[0] <= 1:
            raise ValueError("expected as many distances as rates in (0, 1], at least one, both ascending")

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "MatchCalibration":
        """Make one of what `dataclasses.asdict` and JSON have left of it.

        Raises:
            ValueError, TypeError, KeyError: If it is something else.
        """
        rows = {name: tuple(fields[name]) for name in ("distances", "rates")}
        return cls(**{**fields, **rows})

    def probability(self, distance: float, *, people: int = 1) -> float:
        """Probability that a probe shows the person at a distance.

        Args:
            distance: Euclidean, between unit vectors.
            people: 1 for one-to-one comparison: same and different are taken as equally likely beforehand. n for
                identification among n people: beforehand each of them, and nobody of them, has 1 / (n + 1).

        Returns:
            In [0, 1]. Among n people it follows from this one distance, as if nothing were known of the others.

        Raises:
            ValueError: If the distance is not finite or there is nobody.

        Example:
            >>> calibration = MatchCalibration(-10.0, 10.0, (1.0,), (0.5,), 0.1, 100, 100)
            >>> calibration.probability(1.0), round(calibration.probability(1.0, people=9), 6)
            (0.5, 0.1)
        """
        if not math.isfinite(distance) or people < 1:
            raise ValueError(f"expected a finite distance and at least 1 person, got {distance} and {people}")
        # With L the likelihood ratio of same to different, expected to be 1 for each of the other n - 1:
        # L / (L + (n - 1) + 1), the last 1 for nobody.
        log_odds = self.intercept + self.slope * distance - math.log(people)
        return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0

    def false_accept_rate(self, distance: float) -> float:
        """Share of pairs of different people that are nearer than a distance.

        Example:
            >>> MatchCalibration(-10.0, 10.0, (1.0, 1.5), (0.5, 1.0), 0.1, 100, 100).false_accept_rate(1.25)
            0.75
        """
        if distance < self.distances[0]:
            return self.rates[0] * math.exp((distance - self.distances[0]) / self.tail_scale)
        return float(np.interp(distance, self.distances, self.rates))

    def threshold(self, far: float) -> float:
        """Distance below which only a share of the strangers lies: the inverse of `false_accept_rate`.

        Args:
            far: False-accept rate, a fraction in (0, 1); extrapolated below 1 / `impostors`.

        Returns:
            At least 0.

        Raises:
            ValueError: If the rate lies outside.
        """
        check_far(far)
        if far < self.rates[0]:
            return max(0.0, self.distances[0] + self.tail_scale * math.log(far / self.rates[0]))
        return float(np.interp(far, self.rates, self.distances))

    def threshold_for(self, enrolled: int, false_positive_rate: float) -> float:
        """Distance below which somebody who is not enrolled finds a match only so often.

        Each enrolled container is a chance for a false match, so each gets the false-accept rate
        FAR = 1 - (1 - FPIR)^(1 / n). This takes the n as independent; containers of one person fail together, so the
        true rate is at most a little lower.

        Args:
            enrolled: n, containers in the gallery; 0 counts as 1.
            false_positive_rate: FPIR, share of probes of strangers that may be given a name, in (0, 1).

        Raises:
            ValueError: If the rate lies outside or n is negative.

        Example:
            >>> calibration = MatchCalibration(-10.0, 10.0, (1.0, 1.5), (0.01, 1.0), 0.1, 100, 100)
            >>> calibration.threshold_for(1, 0.01), round(calibration.threshold_for(100, 0.01), 3)
            (1.0, 0.54)
        """
        check_far(false_positive_rate)
        if enrolled < 0:
            raise ValueError(f"expected 0 or more enrolled containers, got {enrolled}")
        # By expm1 and log1p: 1 - (1 - FPIR)^(1 / n) loses its digits where n is large.
        return self.threshold(-math.expm1(math.log1p(-false_positive_rate) / max(1, enrolled)))
