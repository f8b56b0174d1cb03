import pytest
import torch

from miais.data import augmentation
from miais.data.augmentation import augment


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def make_secrets(count=6, side=16):
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=generator())


@pytest.fixture
def noiseless(monkeypatch):
    monkeypatch.setattr(augmentation, "_NOISE", 0.0)


def test_none_changes_nothing_and_draws_nothing():
    secrets, random = make_secrets(), generator()
    assert torch.equal(augment(secrets.clone(), "none", random), secrets)
    assert torch.equal(random.get_state(), generator().get_state())


@pytest.mark.parametrize("kind", ["flip", "faces"])
def test_the_generator_alone_decides(kind):
    secrets = make_secrets()
    state = torch.get_rng_state()
    first, again, other = (augment(secrets, kind, generator(seed)) for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("kind", ["flip", "faces"])
@pytest.mark.parametrize("shape", [(1, 3, 16, 16), (5, 3, 33, 33)])
def test_shape_and_type_stay_and_the_input_is_left_alone(kind, shape):
    secrets = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator())
    before = secrets.clone()
    changed = augment(secrets, kind, generator())
    assert changed.shape == shape
    assert changed.dtype == torch.uint8
    assert torch.equal(secrets, before)


def test_flip_mirrors_about_half_of_the_secrets_and_does_nothing_else():
    secrets = make_secrets(400, side=4)
    changed = augment(secrets, "flip", generator(1))
    mirrored = (changed == secrets.flip(-1)).flatten(1).all(dim=1)
    kept = (changed == secrets).flatten(1).all(dim=1)
    assert (mirrored ^ kept).all()
    assert 150 < mirrored.sum() < 250


def test_faces_changes_every_secret_in_its_own_way():
    secrets = make_secrets(1, side=32).expand(8, 3, 32, 32)
    changed = augment(secrets, "faces", generator())
    assert not (changed == secrets).flatten(1).all(dim=1).any()
    assert len(changed.flatten(1).unique(dim=0)) == 8


def test_faces_covers_a_small_part_of_about_half_of_the_secrets_and_changes_the_light_a_little(noiseless):
    """On a grey picture neither geometry nor contrast nor colour shows, so what is left are light and covered parts."""
    secrets = torch.full((300, 3, 32, 32), 128, dtype=torch.uint8)
    changed = augment(secrets, "faces", generator()).long()
    lights = changed.flatten(1).mode(dim=1).values
    assert 128 - 39 <= lights.min() < 100
    assert 156 < lights.max() <= 128 + 39
    covered = (changed != lights.view(-1, 1, 1, 1)).any(dim=1)
    shares = covered.float().mean(dim=(1, 2))
    assert 100 < (shares > 0).sum() < 200
    assert shares.max() <= 0.25
    for hidden in covered[shares > 0]:  # a rectangle
        rows, columns = hidden.any(dim=1).sum(), hidden.any(dim=0).sum()
        assert hidden.sum() == rows * columns
        assert 4 <= max(rows, columns) <= 16


def test_faces_moves_a_secret_only_a_little():
    """A bright disc in the middle stays near the middle and keeps about its size."""
    places = torch.arange(64) - 31.5
    disc = (places[:, None] ** 2 + places[None] ** 2 < 16**2).to(torch.uint8) * 200
    changed = augment(disc.expand(100, 3, 64, 64), "faces", generator()).float().mean(dim=1)
    low, high = changed.flatten(1).quantile(0.02, dim=1), changed.flatten(1).quantile(0.98, dim=1)
    bright = changed > ((low + high) / 2).view(-1, 1, 1)
    rows = (bright.sum(dim=2) * places).sum(dim=1) / bright.sum(dim=(1, 2))
    columns = (bright.sum(dim=1) * places).sum(dim=1) / bright.sum(dim=(1, 2))
    assert 1 < rows.abs().median() < 4
    assert 1 < columns.abs().median() < 4
    area = bright.float().mean(dim=(1, 2)).median()
    assert area.item() == pytest.approx(torch.pi * 16**2 / 64**2, rel=0.2)


def test_faces_mirrors_about_half_of_the_secrets():
    secrets = torch.zeros(200, 3, 16, 16, dtype=torch.uint8)
    secrets[..., :8] = 255
    left, right = augment(secrets, "faces", generator()).float().mean(dim=(1, 2)).split(8, dim=1)
    assert 70 < (left.mean(dim=1) < right.mean(dim=1)).sum() < 130


def test_faces_takes_the_colour_of_a_few_secrets_away(noiseless):
    secrets = make_secrets(1, side=8).expand(200, 3, 8, 8)
    changed = augment(secrets, "faces", generator()).float()
    grey = (changed.amax(dim=1) - changed.amin(dim=1)).flatten(1).median(dim=1).values == 0
    assert 5 < grey.sum() < 50


def test_about_a_third_of_the_faces_get_noise_that_stays_small():
    noisy = augmentation._coarsen(torch.full((400, 3, 16, 16), 0.5), generator())
    strength = noisy.flatten(1).std(dim=1)
    assert 100 < (strength > 1e-4).sum() < 180
    assert 0.02 < strength.max() < 1.15 * augmentation._NOISE
    assert (noisy.mean(dim=(1, 2, 3)) - 0.5).abs().max() < 0.01


def test_about_a_third_of_the_faces_are_blurred_like_a_gaussian_and_each_by_itself(noiseless):
    point = torch.zeros(400, 3, 15, 15)
    point[:, :, 7, 7] = torch.rand(400, 3, generator=generator(1))
    blurred = augmentation._coarsen(point, generator())
    sharp = (blurred - point).abs().flatten(1).amax(dim=1) < 1e-6
    assert 220 < sharp.sum() < 300
    torch.testing.assert_close(blurred.sum(dim=(2, 3)), point.sum(dim=(2, 3)))
    for image, source in zip(blurred[~sharp][:20], point[~sharp][:20], strict=True):
        middle, beside, diagonal = image[:, 7, 7], image[:, 7, 8], image[:, 8, 8]
        torch.testing.assert_close(diagonal * middle, beside * beside)  # separable
        torch.testing.assert_close(image, image.mT)
        assert torch.equal(image.flatten(1).argmax(dim=1), source.flatten(1).argmax(dim=1))
    strongest = blurred[:, :, 7, 7].div(point[:, :, 7, 7]).min()
    assert 0.95 / (2 * torch.pi * augmentation._BLUR_PX**2) < strongest < 0.1


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'none', 'flip' or 'faces', got 'mirror'"):
        augment(make_secrets(), "mirror", generator())
