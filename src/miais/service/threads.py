"""Work in threads, outside the event loop; it keeps its request's place until it has ended."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TypeVar

import torch

from miais.service.places import hold_place

Answer = TypeVar("Answer")


def make_threads(name: str, number: int, cores: int) -> ThreadPoolExecutor:
    """Make threads that each have some cores for PyTorch."""
    return ThreadPoolExecutor(number, name, initializer=torch.set_num_threads, initargs=(cores,))


async def in_thread(executor: Executor, work: Callable[[], Answer]) -> Answer:
    """Wait for work; whoever gives up leaves it undone if it has not begun, and to itself if it has."""
    return await asyncio.wrap_future(_submitted(executor, work))


async def to_its_end(executor: Executor, work: Callable[[], Answer]) -> Answer:
    """Wait for work that changes something; once begun it is waited for, even by whoever has given up.

    The answer says then what has become of it, which "it took too long" would not.
    """
    submitted = _submitted(executor, work)
    ending = asyncio.wrap_future(submitted)
    try:
        return await asyncio.shield(ending)
    except asyncio.CancelledError:
        if submitted.cancel():
            raise
        return await ending


def _submitted(executor: Executor, work: Callable[[], Answer]) -> "Future[Answer]":
    loop, submitted = asyncio.get_running_loop(), executor.submit(work)
    let_go = hold_place()
    submitted.add_done_callback(lambda _: loop.call_soon_threadsafe(let_go))
    return submitted
