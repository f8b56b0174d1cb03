"""How much of the cover may change: the paper's hiding threshold, and a PSNR budget with a ramp."""

import math

from miais.training.objective_settings import GeneratorWeights, MinimaxSettings
from miais.training.settings import TransitSettings

_LARGEST_LOG = 9.0


class HidingThreshold:
    """Chooses Stage B's weights by the mean L_vis of the previous Stage B, paper section IV-A4.

    Above the threshold the weights that press on visual similarity hold, below it the ordinary ones. The first
    Stage B has no mean yet; the settings say what it counts as.
    """

    def __init__(self, settings: MinimaxSettings) -> None:
        self._settings = settings
        self._sum, self._count = 0.0, 0
        self._previous: float | None = None

    def weights(self) -> GeneratorWeights:
        """Return the weights of the present Stage B."""
        settings = self._settings
        above = settings.above_at_start if self._previous is None else self._previous > settings.hiding_threshold
        return settings.stage_b_above if above and settings.stage_b_above is not None else settings.stage_b

    def record(self, visual_loss: float) -> None:
        """Take note of L_vis of one Stage B step."""
        self._sum += visual_loss
        self._count += 1

    def end_stage(self) -> None:
        """Close a stage; without Stage B steps in it nothing changes."""
        if self._count:
            self._previous = self._sum / self._count
            self._sum, self._count = 0.0, 0

    def state_dict(self) -> dict[str, float | int | None]:
        """Return what an exact resume needs, JSON values only."""
        return {"sum": self._sum, "count": self._count, "previous": self._previous}

    def load_state_dict(self, state: dict[str, float | int | None]) -> None:
        """Take back what `state_dict` gave."""
        self._sum, self._count = float(state["sum"] or 0.0), int(state["count"] or 0)
        self._previous = None if state["previous"] is None else float(state["previous"])


class ImagePressure:
    """A factor on the weights of the image losses, L_vis and L_res, that holds them below their thresholds.

    Dual ascent on its logarithm, by how far the worse of L_vis and L_res lies above its threshold. It begins with the
    ordinary weights, so that a network first learns to show who is hidden, and then to hide: one that is pressed from
    the start may learn to hide nothing. It is never below 1: as in the paper, the ordinary weights hold below the
    threshold, larger ones above.

    The paper changes its weights "through the magnitude relation between L_vis and the hiding threshold" and says no
    more, its code makes those of both losses larger. Two fixed weights hold the threshold only where hundreds of
    thousands of steps can settle.

    Args:
        settings: With `pressure`, the rate, and the thresholds.
    """

    def __init__(self, settings: MinimaxSettings) -> None:
        self._settings = settings
        self._log = math.log(settings.pressure_at_start)

    def factor(self) -> float:
        """Return what the weights are multiplied by."""
        return math.exp(self._log)

    def record(self, visual_loss: float, restoration_loss: float = 0.0) -> None:
        """Take note of L_vis and L_res of one step that hides; 0 where nothing is restored."""
        settings = self._settings
        worse = max(visual_loss / settings.hiding_threshold, restoration_loss / settings.restoration_threshold)
        excess = max(-1.0, min(1.0, worse - 1))
        self._log = max(0.0, min(_LARGEST_LOG, self._log + settings.pressure * excess))

    def state_dict(self) -> dict[str, float]:
        """Return what an exact resume needs, JSON values only."""
        return {"log": self._log}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Take back what `state_dict` gave."""
        self._log = float(state["log"])


def psnr_budget(settings: TransitSettings, progress: float) -> float | None:
    """Return the PSNR budget in dB: a straight ramp from start to end, then constant.

    Args:
        settings: With the ramp's ends and length.
        progress: Share of the steps done, in [0, 1].

    Returns:
        Least PSNR of every container in dB, None where there is no budget.

    Example:
        >>> psnr_budget(TransitSettings(psnr_start_db=28.0, psnr_db=44.0, psnr_ramp=0.5), progress=0.25)
        36.0
    """
    if settings.psnr_db is None or settings.psnr_start_db is None:
        return None
    share = 1.0 if settings.psnr_ramp == 0 else min(1.0, progress / settings.psnr_ramp)
    return settings.psnr_start_db + share * (settings.psnr_db - settings.psnr_start_db)
