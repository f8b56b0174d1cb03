"""Containers as files: what is measured is measured from them."""

import pytest
import torch
from support.systems import tiny_system

from miais.evaluation.saved import ContainerFidelity, Hiding, fidelity_of, send_and_receive
from miais.image import read_image, to_uint8
from miais.metrics import mean_squared_error, ms_ssim, psnr
from miais.system import load


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    return load(tiny_system(tmp_path_factory.mktemp("systems") / "tiny"))


@pytest.fixture
def hidings():
    random = torch.Generator().manual_seed(3)
    return [
        Hiding(f"c{n}", torch.rand(3, 40, 40, generator=random), torch.rand(3, 48, 64, generator=random))
        for n in range(3)
    ]


def test_what_arrives_is_what_the_file_holds(system, hidings, tmp_path):
    results = list(send_and_receive(system, hidings, tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c0.png", "c1.png", "c2.png"]
    for hiding, result in zip(hidings, results, strict=True):
        saved = read_image(tmp_path / f"{hiding.name}.png")
        assert torch.equal(to_uint8(saved), to_uint8(result.container))
        assert torch.equal(to_uint8(saved), to_uint8(system.hide(hiding.secret, hiding.cover)))


def test_fidelity_is_that_of_the_saved_file(system, hidings, tmp_path):
    for hiding, result in zip(hidings, send_and_receive(system, hidings, tmp_path), strict=True):
        pair = read_image(tmp_path / f"{hiding.name}.png")[None].double(), hiding.cover[None].double()
        assert result.fidelity.mse == float(mean_squared_error(*pair))
        assert result.fidelity.psnr_db == float(psnr(*pair))
        assert result.fidelity.ms_ssim == float(ms_ssim(*pair))
        assert result.fidelity.ms_ssim_miais == float(ms_ssim(*pair, variant="miais"))


def test_a_distortion_changes_what_arrives_and_not_the_fidelity(system, hidings, tmp_path):
    plain = list(send_and_receive(system, hidings, tmp_path))
    several = list(send_and_receive(system, hidings, tmp_path, distortions=("none", "noise1", "noise2"), seed=1))
    alone = list(send_and_receive(system, hidings, tmp_path, distortions=("noise2",), seed=1))
    for before, after, same in zip(plain, several, alone, strict=True):
        assert before.fidelity == after.fidelity
        assert torch.equal(before.container, after.container)
        assert torch.equal(after.arrivals["none"], before.container)
        assert not torch.equal(after.arrivals["noise1"], before.container)
        assert not torch.equal(after.arrivals["noise2"], after.arrivals["noise1"])
        assert torch.equal(after.arrivals["noise2"], same.arrivals["noise2"])


def test_who_watches_sees_each_saved_container_and_its_cover(system, hidings, tmp_path):
    seen = []
    received = list(send_and_receive(system, hidings, tmp_path, watch=lambda *pair: seen.append(pair)))
    assert [cover for _, cover in seen] == [hiding.cover for hiding in hidings]
    assert all(torch.equal(container, one.container) for (container, _), one in zip(seen, received, strict=True))


def test_an_unknown_distortion_is_refused_with_the_known_ones(system, hidings, tmp_path):
    with pytest.raises(ValueError, match="jpeg90"):
        list(send_and_receive(system, hidings, tmp_path, distortions=["jpg"]))


def test_means_are_recomputed_by_hand():
    report = fidelity_of([ContainerFidelity(0.01, 20.0, 0.9, 0.95), ContainerFidelity(0.0001, 40.0, 0.99, 0.995)])
    assert report.images == 2
    assert report.mse == pytest.approx(0.00505)
    assert report.mean_psnr_db == pytest.approx(30.0)
    assert report.psnr_of_mean_db == pytest.approx(22.967, abs=1e-3)
    assert report.worst_psnr_db == 20.0
    assert (report.ms_ssim, report.ms_ssim_miais) == (pytest.approx(0.945), pytest.approx(0.9725))
