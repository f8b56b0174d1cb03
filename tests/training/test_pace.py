import pytest

from miais.training import pace as module
from miais.training.pace import Pace


def test_waiting_and_working_are_told_apart(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    pace = Pace()

    def batches():
        for seconds in (3.0, 1.0):
            now[0] += seconds
            yield seconds

    for _ in pace.awaited(batches()):
        with pace.step(8):
            now[0] += 6.0
        now[0] += 100.0  # validation
    assert (pace.images, pace.working, pace.waiting) == (16, 12.0, 4.0)
    assert pace.images_per_second == pytest.approx(16 / 12)
    assert pace.waiting_share == 0.25


def test_before_the_first_step_nothing_is_divided_by_zero():
    assert Pace().images_per_second == Pace().waiting_share == 0.0
