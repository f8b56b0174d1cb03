import pytest
import torch

from miais.data.sampling import PKSampler, TripletSampler, UniformSampler, cover_indices

# Identities 0, 1, 2 and 3 have 4, 1, 2 and 3 images, in mixed order.
LABELS = torch.tensor([3, 0, 2, 0, 1, 3, 0, 2, 0, 3])

SAMPLERS = {
    "triplets": lambda seed: TripletSampler(LABELS, 6, seed),
    "people": lambda seed: PKSampler(LABELS, 2, 3, seed),
    "uniform": lambda seed: UniformSampler(10, 4, seed),
    "covers": lambda seed: type("Covers", (), {"draw": staticmethod(lambda step: cover_indices(50, 6, seed, step))}),
}


@pytest.mark.parametrize("kind", SAMPLERS)
def test_draw_is_a_pure_function_of_seed_and_step(kind):
    forward, backward = SAMPLERS[kind](5), SAMPLERS[kind](5)
    first = [forward.draw(step) for step in range(8)]
    second = [backward.draw(step) for step in reversed(range(8))][::-1]
    assert all(map(torch.equal, first, second))
    assert len({tuple(draw.flatten().tolist()) for draw in first}) > 1
    assert not all(map(torch.equal, first, [SAMPLERS[kind](6).draw(step) for step in range(8)]))


def test_triplets_have_two_images_of_one_person_and_one_of_another():
    triplets = torch.cat([TripletSampler(LABELS, 50, 0).draw(step) for step in range(20)], dim=1)
    anchor, positive, negative = LABELS[triplets]
    assert triplets.shape == (3, 1000)
    assert torch.equal(anchor, positive)
    assert (triplets[0] != triplets[1]).all()
    assert (negative != anchor).all()


def test_triplets_are_uniform_over_people_and_then_over_images():
    triplets = TripletSampler(LABELS, 60_000, 1).draw(0)
    anchor, _, negative = LABELS[triplets]
    counts = torch.bincount(anchor, minlength=4) / 60_000
    torch.testing.assert_close(counts, torch.tensor([1 / 3, 0, 1 / 3, 1 / 3]), atol=0.01, rtol=0)
    # 1 is the negative of a third of the triplets; each other person of a third of the two others' triplets.
    shares = torch.bincount(negative, minlength=4) / 60_000
    torch.testing.assert_close(shares, torch.tensor([2 / 9, 1 / 3, 2 / 9, 2 / 9]), atol=0.01, rtol=0)
    for role in triplets[:2]:
        of_person_0 = torch.bincount(role[LABELS[role] == 0], minlength=10)[LABELS == 0]
        torch.testing.assert_close(of_person_0 / of_person_0.sum(), torch.full((4,), 0.25), atol=0.02, rtol=0)


def test_triplets_without_a_pair_are_refused():
    with pytest.raises(ValueError, match="one-image people can only be negatives"):
        TripletSampler(torch.arange(5), 2, 0)


def test_triplets_of_one_person_are_refused():
    with pytest.raises(ValueError, match="at least two identities"):
        TripletSampler(torch.zeros(5, dtype=torch.int64), 2, 0)


@pytest.mark.parametrize("labels", [torch.empty(0, dtype=torch.int64), torch.zeros(2, 2, dtype=torch.int64)])
def test_odd_labels_are_refused(labels):
    with pytest.raises(ValueError, match="shape"):
        TripletSampler(labels, 2, 0)


def test_people_batches_show_one_person_in_a_column():
    for step in range(50):
        grid = PKSampler(LABELS, 3, 3, 0).draw(step)
        people = LABELS[grid]
        assert grid.shape == (3, 3)
        assert (people == people[0]).all()
        assert sorted(people[0].tolist()) == [0, 2, 3]
        for column in grid.T:
            available = int((LABELS[column[0]] == LABELS).sum())
            assert len(column.unique()) == min(3, available)


def test_too_few_people_are_refused():
    with pytest.raises(ValueError, match="expected 4 identities with 2 images or more, got 3"):
        PKSampler(LABELS, 4, 2, 0)
    assert PKSampler(LABELS, 4, 2, 0, least=1).draw(0).shape == (2, 4)


@pytest.mark.parametrize(("count", "batch"), [(10, 4), (10, 5), (3, 7), (1, 2)])
def test_uniform_visits_every_image_once_in_each_epoch(count, batch):
    stream = torch.cat([UniformSampler(count, batch, 0).draw(step)[0] for step in range(count * 3)])
    epochs = stream[: len(stream) // count * count].view(-1, count)
    assert len(epochs) >= 3
    assert (epochs.sort(dim=1).values == torch.arange(count)).all()
    assert count < 3 or not torch.equal(epochs[0], epochs[1]) or not torch.equal(epochs[1], epochs[2])


def test_uniform_needs_images():
    with pytest.raises(ValueError, match="at least one image"):
        UniformSampler(0, 2, 0)


def test_covers_are_uniform_and_reach_the_last():
    counts = torch.bincount(cover_indices(5, 50_000, 0, 0), minlength=5)
    assert len(counts) == 5
    torch.testing.assert_close(counts / 50_000, torch.full((5,), 0.2), atol=0.01, rtol=0)
