import json
import math

import pytest

from miais.cli.output import json_line


def test_nan_and_infinity_become_null_at_any_depth_with_their_paths():
    """Only those at the top did: an evaluation, which is nested, was lost after an hour with "Out of range float"."""
    record = {
        "plain": {"val": math.nan, "thresholds": {0.001: (math.inf, 1.0)}},
        "cmc": [0.5, -math.inf],
        "psnr_db": math.inf,
        "size": [3, 4],
    }
    line = json.loads(json_line(record), parse_constant=pytest.fail)
    assert line.pop("reason") == ("plain.val is nan; plain.thresholds.0.001.0 is inf; cmc.1 is -inf; psnr_db is inf")
    assert line == {
        "plain": {"val": None, "thresholds": {"0.001": [None, 1.0]}},
        "cmc": [0.5, None],
        "psnr_db": None,
        "size": [3, 4],
    }


def test_a_reason_that_is_there_stays_and_none_is_added_without_need():
    assert json.loads(json_line({"psnr_db": math.nan, "reason": "equal"}))["reason"] == "equal"
    assert json_line({"psnr_db": 40.0}) == '{"psnr_db": 40.0}'
