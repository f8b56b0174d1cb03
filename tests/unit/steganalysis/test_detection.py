import pytest
import torch
from sklearn.metrics import roc_auc_score

from miais.steganalysis.detection import detection


def scores(containers=60, covers=12, seed=0):
    random = torch.Generator().manual_seed(seed)
    clean = torch.rand(covers, generator=random).round(decimals=1)  # with ties
    cover_of = torch.randint(covers, (containers,), generator=random)
    return clean, (clean[cover_of] + 0.1 * torch.rand(containers, generator=random)).round(decimals=1), cover_of


def test_area_is_that_of_scikit_learn():
    clean, suspect, cover_of = scores()
    truth = torch.cat([torch.zeros(len(clean)), torch.ones(len(suspect))])
    expected = roc_auc_score(truth, torch.cat([clean, suspect]))
    result = detection(clean, suspect, cover_of)
    assert result.auc == pytest.approx(expected, abs=1e-12)
    assert result.auc_low < result.auc < result.auc_high
    assert (result.covers, result.containers) == (12, 60)


def test_interval_resamples_covers_with_all_their_containers():
    """A hundred containers of one cover say no more about other covers than one of them does."""
    clean, suspect, cover_of = scores()
    once = detection(clean, suspect, cover_of)
    repeated = detection(clean, suspect.repeat(100), cover_of.repeat(100))
    assert repeated.auc == pytest.approx(once.auc)
    assert repeated.auc_low == pytest.approx(once.auc_low)


def test_no_answer_counts_as_no_suspicion():
    clean, nothing = torch.tensor([0.1, 0.2]), torch.tensor([float("nan")])
    assert detection(clean, nothing, torch.tensor([0])).auc == 0
    assert detection(nothing, clean, torch.tensor([0, 0])).auc == 1


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="a cover for each container"):
        detection(torch.rand(3), torch.rand(4), torch.tensor([0, 1]))
    with pytest.raises(ValueError, match="a cover for each container"):
        detection(torch.rand(0), torch.rand(0), torch.zeros(0, dtype=torch.int64))
