"""A few seconds of what `benchmarks/service.py` does: every answer is one that its request deserves."""

import asyncio

import httpx
from service_load import MIX, Asking, ask_for


def test_under_a_little_load_every_answer_is_expected(service, secret, cover):
    pictures = {"secret": secret, "cover": cover}
    containers = [httpx.post(f"{service.url}/hide", files=pictures, timeout=30).content for _ in range(2)]
    asking = Asking([secret], [cover], containers, seed=0)
    outcomes = asyncio.run(ask_for(service.url, asking, seconds=3, clients=4))
    assert {outcome.verb for outcome in outcomes} <= set(MIX)
    assert len(outcomes) > 10
    assert [outcome for outcome in outcomes if not outcome.expected] == []
