"""Jobs of one kind are joined, each gets its own answer, and nobody pays for another's fault."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from support.photographs import photograph
from support.pictures import picture_bytes

from miais.image import decode_image, resize, to_uint8
from miais.service.batching import Batcher, Work
from miais.service.bounds import Bounds
from miais.system import load


def run(scenario, functions, **options):
    sizes = []
    works = {name: Work(do, largest=4) for name, do in functions.items()}

    async def inside():
        with ThreadPoolExecutor(1) as executor:
            bounds = Bounds(gathering_seconds=0.01, **options)
            batcher = Batcher(works, executor, bounds, saw=lambda work, size: sizes.append((work, size)))
            try:
                return await scenario(batcher)
            finally:
                await batcher.close()

    return asyncio.run(inside()), sizes


def means(pictures):
    return pictures.mean(dim=(1, 2, 3))


def test_each_job_gets_its_own_answer_from_batches_of_one_kind():
    async def scenario(batcher):
        large = [batcher.ask("mean", torch.full((3, 4, 4), float(level))) for level in range(5)]
        small = [batcher.ask("mean", torch.full((3, 2, 2), float(level))) for level in range(5, 7)]
        return await asyncio.gather(*large, *small)

    answers, sizes = run(scenario, {"mean": means})
    assert answers == list(range(7))
    assert sizes == [("mean", 4), ("mean", 1), ("mean", 2)]


def test_requests_that_come_together_are_answered_as_if_each_were_alone(serve, systems, secret):
    """Hiding is done one at a time: a nonce hangs on every bit, and networks round a batch otherwise."""
    covers = [picture_bytes(seed, (64, 80)) for seed in range(6)]
    client = serve(gathering_seconds=0.2)
    with ThreadPoolExecutor(6) as together:
        hidden = list(
            together.map(lambda cover: client.post("/hide", files={"secret": secret, "cover": cover}), covers)
        )
        seen = list(together.map(lambda each: client.post("/embed", files={"container": each.content}), hidden))
    face = resize(decode_image(secret, "secret"), (32, 32))
    for cover, container, answer in zip(covers, hidden, seen, strict=True):
        expected = systems[False].hide(face, decode_image(cover, "cover"))
        assert torch.equal(to_uint8(decode_image(container.content, "container")), to_uint8(expected))
        embedding = systems[False].embed(expected)[0]
        assert torch.tensor(answer.json()["embedding"]) == pytest.approx(embedding, abs=1e-5)
    lines = client.get("/metrics").text.splitlines()
    batches = dict(line.rsplit(" ", 1) for line in lines if line.startswith("miais_batch_size_count"))
    assert float(batches['miais_batch_size_count{work="hide"}']) == 6
    assert float(batches['miais_batch_size_count{work="embed"}']) < 6


def test_large_pictures_are_joined_only_up_to_the_largest_one_allowed():
    async def scenario(batcher):
        return await asyncio.gather(*(batcher.ask("mean", torch.zeros(3, 2, 2)) for _ in range(3)))

    assert run(scenario, {"mean": means}, pixels=9)[1] == [("mean", 2), ("mean", 1)]
    assert run(scenario, {"mean": means}, pixels=3)[1] == [("mean", 1)] * 3


@pytest.mark.parametrize("name", ["lfw-single", "lfw-multi"])
def test_a_batch_says_what_each_of_its_pictures_does_alone(name):
    """Up to the rounding of floats."""
    system = load(name)
    cover, face = photograph("chelsea", 160), photograph("astronaut", 160)
    containers = [system.hide(face, cover.roll(shift, dims=2)) for shift in range(3)]
    works = {"embed": system.embed} | ({"restore": system.restore} if system.restorer else {})

    async def scenario(batcher):
        return [await asyncio.gather(*(batcher.ask(work, each) for each in containers)) for work in works]

    answers, sizes = run(scenario, works)
    assert sizes == [(work, 3) for work in works]
    for work, together in zip(works.values(), answers, strict=True):
        alone = [work(each[None])[0] for each in containers]
        assert torch.stack(together) == pytest.approx(torch.stack(alone), abs=1e-5)


def test_a_bad_job_fails_alone():
    def careful(pictures):
        if pictures.min() < 0:
            raise ValueError("negative")
        return means(pictures)

    async def scenario(batcher):
        jobs = [batcher.ask("mean", torch.full((3, 2, 2), float(level))) for level in (1, -1, 2)]
        return await asyncio.gather(*jobs, return_exceptions=True)

    (first, bad, last), _ = run(scenario, {"mean": careful})
    assert (first, last) == (1, 2)
    with pytest.raises(ValueError, match="negative"):
        raise bad


def test_a_job_that_was_given_up_is_not_begun():
    seen = []

    def remember(pictures):
        seen.extend(means(pictures).tolist())
        return pictures

    async def scenario(batcher):
        given_up = asyncio.ensure_future(batcher.ask("mean", torch.ones(3, 2, 2)))
        await asyncio.sleep(0)
        given_up.cancel()
        await batcher.ask("mean", torch.zeros(3, 2, 2))

    run(scenario, {"mean": remember})
    assert seen == [0]


def test_a_failure_of_its_own_leaves_nobody_waiting(caplog):
    """Its task ended in silence, and every later request ran out of time."""

    def broken(*_):
        raise KeyError("no such measure")

    async def inside():
        with ThreadPoolExecutor(1) as executor:
            batcher = Batcher({"mean": Work(means, 4)}, executor, Bounds(), saw=broken)
            asking = [batcher.ask("mean", torch.ones(3, size, size)) for size in (2, 2, 4)]
            answers = await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), 30)
            assert [type(answer) for answer in answers] == [RuntimeError] * 3
            assert batcher.ended
            with pytest.raises(RuntimeError, match="the log says why"):
                await batcher.ask("mean", torch.ones(3, 2, 2))
            await batcher.close()

    asyncio.run(inside())
    assert "joining requests has failed" in caplog.messages


def test_a_service_whose_networks_are_not_asked_any_more_is_not_ready(client, hidden, monkeypatch):
    assert client.get("/ready").status_code == 200
    monkeypatch.setattr(client.app.state.workshop._batcher, "_saw", lambda *_: 1 / 0)
    assert client.post("/embed", files={"container": hidden}).status_code == 500
    assert client.get("/ready").status_code == 503
