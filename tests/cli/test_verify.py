import pytest

from miais.image import read_image
from miais.system import load


@pytest.mark.parametrize("far", [1e-1, 1e-2])
def test_answer_is_distance_below_the_cards_threshold(miais, tiny, picture, far):
    first, second = picture("a.png", seed=1), picture("b.png", seed=2)
    result = miais("verify", first, second, "--model", tiny, "--far", far, "--json")
    assert result.exit_code == 0, result.stderr
    (record,) = result.records
    system = load(tiny)
    distance = (system.embed(read_image(first)) - system.embed(read_image(second))).norm().item()
    threshold = {1e-1: 1.2, 1e-2: 1.0}[far]
    assert record == {
        "distance": pytest.approx(distance, abs=1e-6),
        "threshold": threshold,
        "far": far,
        "same": distance < threshold,
    }
    assert distance > 0


def test_far_answer_is_no_with_exit_code_0(miais, tiny, picture, monkeypatch):
    monkeypatch.setattr(
        "miais.card.SystemCard.threshold_at", lambda card, far: card.thresholds[0].__class__(far, 0, 0, 0)
    )
    (record,) = miais("verify", picture("a.png", seed=1), picture("b.png", seed=2), "--model", tiny, "--json").records
    assert record["same"] is False


def test_uncalibrated_threshold_is_null_with_a_reason(miais, tiny, picture, monkeypatch):
    nan = float("nan")
    monkeypatch.setattr(
        "miais.card.SystemCard.threshold_at", lambda card, far: card.thresholds[0].__class__(far, nan, 0, 0)
    )
    result = miais("verify", picture("a.png"), picture("b.png"), "--model", tiny, "--json")
    assert result.exit_code == 0
    assert result.records[0]["threshold"] is None
    assert result.records[0]["same"] is None
    assert "threshold" in result.records[0]["reason"]


def test_unknown_false_accept_rate_names_the_known_ones(miais, tiny, picture):
    result = miais("verify", picture("a.png"), picture("b.png"), "--model", tiny, "--far", "0.5")
    assert result.exit_code == 1
    assert "0.1, 0.01" in result.stderr
