import pytest
import torch

from miais.data.batches import Batch, SecretCoverBatches, batch_loader
from miais.data.covers import CoverSet
from miais.data.sampling import PKSampler, TripletSampler, UniformSampler, cover_indices
from miais.data.secrets import SecretSet

PEOPLE, EACH = 4, 3


def picture(name):
    """A ramp from left to right whose first channel is the number in the name."""
    ramp = torch.linspace(0, 1, 8).expand(3, 8, 8).clone()
    ramp[0] = int(name.split("/")[-1]) / 255
    return ramp


@pytest.fixture
def secrets():
    label_of = {
        f"P{person}/{person * EACH + number}": f"P{person}" for person in range(PEOPLE) for number in range(EACH)
    }
    return SecretSet(label_of, picture, 8)


@pytest.fixture
def covers():
    return CoverSet([f"{number:02d}" for number in range(20)], picture)


def same(left, right):
    return all(map(torch.equal, left, right))


def numbers(images):
    return images[:, 0, 0, 0].long()


def test_batch_stacks_the_roles_of_the_triplets(secrets, covers):
    sampler = TripletSampler(secrets.labels, 5, 0)
    batch = SecretCoverBatches(secrets, covers, sampler, 6, augmentation="none")[3]
    indices = sampler.draw(3).flatten()
    assert isinstance(batch, Batch)
    assert batch.secrets.shape == (15, 3, 8, 8)
    assert batch.covers.shape == (15, 3, 6, 6)
    assert batch.secrets.dtype == batch.covers.dtype == torch.uint8
    assert torch.equal(batch.labels, secrets.labels[indices])
    assert torch.equal(batch.secrets, torch.stack([secrets.pixels(index) for index in indices]))
    assert torch.equal(numbers(batch.covers), cover_indices(20, 15, 0, 3))


def test_half_of_the_secrets_are_mirrored(secrets, covers):
    sampler = UniformSampler(len(secrets), 400, 0)
    plain, flipped = (
        SecretCoverBatches(secrets, covers, sampler, 6, augmentation=kind)[0] for kind in ("none", "flip")
    )
    mirrored = (flipped.secrets == plain.secrets.flip(-1)).flatten(1).all(1)
    untouched = (flipped.secrets == plain.secrets).flatten(1).all(1)
    assert (mirrored ^ untouched).all()
    assert 160 < int(mirrored.sum()) < 240
    assert torch.equal(flipped.covers, plain.covers)


def test_mirroring_does_not_touch_the_cache(secrets, covers):
    before = [secrets.pixels(index).clone() for index in range(len(secrets))]
    SecretCoverBatches(secrets, covers, UniformSampler(len(secrets), 40, 0), 6)[0]
    assert all(torch.equal(secrets.pixels(index), pixels) for index, pixels in enumerate(before))


@pytest.mark.parametrize("crops", [False, True])
def test_item_is_a_pure_function_of_the_step(secrets, covers, crops):
    dataset, other = (
        SecretCoverBatches(secrets, covers, TripletSampler(secrets.labels, 4, 9), 6, cover_crops=crops)
        for _ in range(2)
    )
    later = other[7]
    assert same(dataset[2], other[2])
    assert same(dataset[7], later)
    assert not same(dataset[2], later)


def test_crops_differ_between_secrets_with_one_cover(secrets):
    only = CoverSet(["0"], picture)
    batch = SecretCoverBatches(secrets, only, UniformSampler(len(secrets), 30, 0), 4, cover_crops=True)[0]
    assert len({tuple(cover.flatten().tolist()) for cover in batch.covers}) > 3


@pytest.mark.parametrize("crops", [False, True])
@pytest.mark.parametrize("make", [lambda s: TripletSampler(s.labels, 4, 1), lambda s: PKSampler(s.labels, 4, 2, 1)])
def test_ranks_together_make_the_batch_of_one_process(secrets, covers, make, crops):
    """All but the augmentation, which each process draws for its own images."""

    def dataset(rank, world_size):
        return SecretCoverBatches(
            secrets, covers, make(secrets), 6, cover_crops=crops, augmentation="none", rank=rank, world_size=world_size
        )[5]

    whole, parts = dataset(0, 1), [dataset(rank, 2) for rank in (0, 1)]
    roles = len(whole.labels) // 4
    for field in range(3):
        by_role = [part[field].unflatten(0, (roles, 2)) for part in parts]
        assert torch.equal(torch.cat(by_role, dim=1).flatten(0, 1), whole[field])


def test_batch_that_the_ranks_cannot_share_is_refused(secrets, covers):
    with pytest.raises(ValueError, match="multiple of 2"):
        SecretCoverBatches(secrets, covers, TripletSampler(secrets.labels, 5, 0), 6, world_size=2)


@pytest.mark.parametrize(("rank", "world_size"), [(2, 2), (-1, 1), (0, 0)])
def test_rank_out_of_range_is_refused(secrets, covers, rank, world_size):
    sampler = TripletSampler(secrets.labels, 4, 0)
    with pytest.raises(ValueError, match="rank"):
        SecretCoverBatches(secrets, covers, sampler, 6, rank=rank, world_size=world_size)


def test_cover_size_of_zero_is_refused(secrets, covers):
    with pytest.raises(ValueError, match="cover_size"):
        SecretCoverBatches(secrets, covers, TripletSampler(secrets.labels, 4, 0), 0)


@pytest.mark.filterwarnings("ignore:This DataLoader will create 2 worker processes:UserWarning")  # on one core
@pytest.mark.parametrize("workers", [0, 2])
def test_loader_gives_the_steps_in_order(secrets, covers, workers):
    dataset = SecretCoverBatches(secrets, covers, TripletSampler(secrets.labels, 2, 0), 6)
    loaded = list(batch_loader(dataset, 3, 9, workers))
    assert len(loaded) == 6
    assert all(isinstance(batch, Batch) for batch in loaded)
    assert all(same(batch, dataset[step]) for step, batch in enumerate(loaded, start=3))
