from dataclasses import replace

import pytest
import torch
from support.small_training import SIZE, small_batch, small_networks, small_recipe

from miais.distortions import RandomDistortion
from miais.image import from_uint8, resize
from miais.metrics import psnr
from miais.training.settings import TransitSettings
from miais.training.transit import Sample, Transit

BUDGET = {"psnr_start_db": 40.0, "psnr_db": 40.0}


@pytest.fixture
def generator():
    generator = small_networks(small_recipe("lfw_single")).generator
    torch.nn.init.normal_(generator.body.leave.weight)  # reaches its bound, a tenth of the range
    return generator


def sample_of(cover_size=48):
    batch = small_batch(0, cover_size=cover_size)
    return Sample(from_uint8(batch.secrets), batch.labels, from_uint8(batch.covers))


def send(generator, settings, *, seed=0, psnr_db=None, sample=None):
    random = torch.Generator().manual_seed(seed)
    return Transit(settings, SIZE)(generator, sample or sample_of(), psnr_db=psnr_db, random=random)


def test_without_settings_the_container_of_a_small_cover_is_the_generators_answer(generator):
    sample = sample_of(SIZE)
    passage = send(generator, TransitSettings(), sample=sample)
    torch.testing.assert_close(passage.containers, generator(sample.secrets, sample.covers))
    assert torch.equal(passage.covers, sample.covers)
    assert passage.arrived is passage.containers
    assert passage.seen is passage.containers


def test_a_larger_cover_gets_the_enlarged_residual_and_is_seen_at_the_networks_size(generator):
    sample = sample_of(48)
    passage = send(generator, TransitSettings(), sample=sample)
    small = resize(sample.covers, (SIZE, SIZE))
    residual = resize(generator(sample.secrets, small) - small, (48, 48))
    torch.testing.assert_close(passage.containers, (sample.covers + residual).clamp(0, 1))
    torch.testing.assert_close(passage.seen, resize(passage.containers, (SIZE, SIZE)))


def test_sizes_are_drawn_for_height_and_width_of_each_batch(generator):
    settings = TransitSettings(sizes=(32, 40, 64))
    with torch.no_grad():
        passages = [send(generator, settings, seed=seed) for seed in range(40)]
    found = {tuple(passage.containers.shape[-2:]) for passage in passages}
    assert found == {(height, width) for height in settings.sizes for width in settings.sizes}
    for passage in passages:
        assert passage.covers.shape == passage.containers.shape == passage.arrived.shape
        assert passage.seen.shape == (6, 3, SIZE, SIZE)


def test_the_same_seed_draws_the_same_sizes_and_distortions(generator):
    settings = TransitSettings(sizes=(32, 40, 64), distortions="official")
    with torch.no_grad():
        for seed in range(4):
            once, again = (send(generator, settings, seed=seed) for _ in range(2))
            assert all(torch.equal(one, other) for one, other in zip(once, again, strict=True))


@pytest.mark.parametrize("psnr_db", [30.0, 45.0])
def test_every_container_keeps_the_budget(generator, psnr_db):
    with torch.no_grad():
        free = send(generator, TransitSettings())
        passage = send(generator, TransitSettings(**BUDGET), psnr_db=psnr_db)
    assert psnr(free.containers, free.covers).max() < psnr_db
    found = psnr(passage.containers, passage.covers)
    assert found.min() >= psnr_db - 1e-3
    assert found.max() < psnr_db + 1  # no more is given up than needed, but for samples that clip


def test_rounded_containers_lie_on_the_grid_of_8_bits(generator):
    with torch.no_grad():
        levels = send(generator, TransitSettings(quantize=True)).containers * 255
        free = send(generator, TransitSettings()).containers * 255
    torch.testing.assert_close(levels, levels.round(), rtol=0, atol=1e-4)
    assert (levels - free).abs().max() <= 0.5 + 1e-3
    assert (free - free.round()).abs().max() > 0.4


@pytest.mark.parametrize("settings", [TransitSettings(quantize=True), TransitSettings(quantize=True, sizes=(40,))])
def test_the_gradient_reaches_the_generator_through_rounding_and_budget(generator, settings):
    weights = torch.rand(6, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(1))
    gradients = []
    for chosen in (settings, replace(settings, quantize=False)):
        generator.zero_grad()
        (send(generator, chosen, psnr_db=40.0).seen * weights).sum().backward()
        gradients.append(torch.cat([parameter.grad.flatten() for parameter in generator.parameters()]))
    assert gradients[0].norm() > 0
    # Straight through: as if nothing had been rounded, but for samples at the border of [0, 1].
    assert torch.cosine_similarity(*gradients, dim=0) > 0.99


def test_noise_layers_change_what_arrives_and_not_what_was_sent(generator):
    with torch.no_grad():
        quiet = send(generator, TransitSettings())
        noisy = [send(generator, TransitSettings(distortions="official"), seed=seed) for seed in range(24)]
    assert all(torch.equal(passage.containers, quiet.containers) for passage in noisy)
    untouched = [torch.equal(passage.arrived, passage.containers) for passage in noisy]
    assert 0 < sum(untouched) < 24
    for passage, same in zip(noisy, untouched, strict=True):
        torch.testing.assert_close(passage.seen, resize(passage.arrived, (SIZE, SIZE)))
        assert torch.equal(passage.seen, quiet.seen) == same


def test_noise_layers_are_the_authors_four(generator, monkeypatch):
    seen = []

    def distort(self, container, cover, random):
        seen.append((len(self.choices), container.shape == cover.shape))
        return container

    monkeypatch.setattr(RandomDistortion, "__call__", distort)
    with torch.no_grad():
        send(generator, TransitSettings(distortions="official"))
    assert seen == [(4, True)]
