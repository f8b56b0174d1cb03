import math

import pytest
import torch

from miais.networks.lattice.keyed_slots import keyed_slots, together
from miais.networks.lattice.phases import read_symbols, write_symbols

KEY = bytes(range(32))


def places(count=600, symbols=20, repeats=10, step=4.0):
    slots = together([keyed_slots(KEY, count, symbols, repeats)])
    return slots, step


def samples_and_message(count=600, symbols=20, reach=0.25, batch=3):
    random = torch.Generator().manual_seed(2)
    samples = torch.randint(256, (batch, count), generator=random).float()
    return samples, (torch.rand(batch, symbols, generator=random) * 2 - 1) * reach


def cycles(waves):
    return torch.atan2(waves[..., 1], waves[..., 0]) / (2 * math.pi)


def test_what_is_written_is_read():
    samples, message = samples_and_message()
    waves = read_symbols(write_symbols(samples, message, *places()), *places())
    torch.testing.assert_close(cycles(waves), message, atol=1e-4, rtol=0)
    torch.testing.assert_close(waves.norm(dim=-1), torch.ones(3, 20), atol=1e-4, rtol=0)


@pytest.mark.parametrize("step", [3.0, 4.0, 6.5])
def test_no_sample_moves_further_than_half_a_step_and_a_half(step):
    samples, message = samples_and_message()
    slots, step = places(step=step)
    exact = (write_symbols(samples, message, slots, step) - samples).abs()
    assert exact.max() <= step / 2 + 1e-3
    assert exact.max() > 0.4 * step
    others = torch.ones(600, dtype=torch.bool)
    others[slots.positions.flatten()] = False
    assert not exact[:, others].any()


def test_whole_numbers_stay_whole_and_in_range():
    samples, message = samples_and_message()
    samples[0], samples[1] = 0.0, 255.0
    written = write_symbols(samples, message, *places(), whole=True)
    assert torch.equal(written, written.round())
    assert written.min() >= 0
    assert written.max() <= 255
    assert (cycles(read_symbols(written, *places())) - message).abs().max() < 0.03


def test_a_place_makes_up_for_the_rounding_of_those_before_it():
    """Naively rounded, ten places leave 0.29 / sqrt(10) levels of error; made up for, only the last rounding stays."""
    samples, message = samples_and_message(count=20_000, symbols=500)
    slots, step = places(20_000, 500)
    carried = write_symbols(samples, message, slots, step, whole=True)
    naive = write_symbols(samples, message, slots, step).round()
    errors = [
        (cycles(read_symbols(written, slots, step)) - message).square().mean().sqrt() for written in (carried, naive)
    ]
    assert errors[0] < 0.6 * errors[1]


def test_strength_is_the_share_of_the_way():
    samples, message = samples_and_message()
    full = write_symbols(samples, message, *places()) - samples
    half = write_symbols(samples, message, *places(), strength=0.5) - samples
    torch.testing.assert_close(half, full / 2)
    assert torch.equal(write_symbols(samples, message, *places(), strength=0.0, whole=True), samples)


def test_reading_is_the_mean_over_the_places_one_by_one():
    samples, _ = samples_and_message()
    slots, step = places()
    waves = read_symbols(samples, slots, step)
    for symbol in (0, 7, 19):
        angles = [
            2
            * math.pi
            * (float(samples[1, slots.positions[0, row, symbol]]) / 4.0 - float(slots.offsets[0, row, symbol]))
            for row in range(10)
        ]
        assert float(waves[1, symbol, 0]) == pytest.approx(sum(map(math.cos, angles)) / 10, abs=1e-4)
        assert float(waves[1, symbol, 1]) == pytest.approx(sum(map(math.sin, angles)) / 10, abs=1e-4)


def test_without_the_key_there_is_nothing_to_read():
    samples, message = samples_and_message(count=20_000, symbols=100)
    slots, step = places(20_000, 100, 50)
    written = write_symbols(samples, message, slots, step)
    other = together([keyed_slots(bytes(32), 20_000, 100, 50)])
    found = read_symbols(written, other, step).norm(dim=-1)
    assert found.mean() < 0.2  # 0.125 is what 50 random directions leave
    assert read_symbols(written, slots, step).norm(dim=-1).min() > 0.99


@pytest.mark.parametrize("whole", [False, True])
def test_gradient_of_what_is_read_is_that_of_the_message(whole):
    samples, message = samples_and_message()
    message.requires_grad_()
    waves = read_symbols(write_symbols(samples, message, *places(), whole=whole), *places())
    (gradient,) = torch.autograd.grad(waves[..., 1].sum(), message)
    torch.testing.assert_close(gradient, 2 * math.pi * waves[..., 0].detach(), atol=1e-3, rtol=1e-3)


def test_cover_gets_no_gradient_and_is_not_written_over():
    samples, message = samples_and_message()
    kept = samples.clone()
    write_symbols(samples, message.requires_grad_(), *places()).sum().backward()
    assert torch.equal(samples, kept)
    assert samples.grad is None
