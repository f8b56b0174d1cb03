import numpy as np
import pytest
import torch
from sklearn.metrics import top_k_accuracy_score

from miais.metrics import cmc, identification_report
from miais.metrics.bootstrap import bootstrap_interval
from miais.metrics.identification import probe_ranks


@pytest.fixture
def embeddings():
    """40 people in 8 dimensions, one gallery embedding and seven noisy probes each; identities with gaps."""
    generator = torch.Generator().manual_seed(0)
    identities = torch.randperm(1000, generator=generator)[:40]
    gallery = torch.nn.functional.normalize(torch.randn(40, 8, generator=generator))
    owners = torch.arange(280) % 40
    probes = torch.nn.functional.normalize(gallery[owners] + 0.3 * torch.randn(280, 8, generator=generator))
    return gallery, identities, probes, identities[owners]


def test_report_agrees_with_scikit_learn(embeddings):
    gallery, identities, probes, probe_identities = embeddings
    order = identities.argsort()
    scores = -torch.cdist(probes.double(), gallery[order].double())
    expected = [
        top_k_accuracy_score(probe_identities, scores, k=k, labels=identities[order]) for k in range(1, len(order))
    ]
    report = identification_report(*embeddings)
    assert report.cmc == pytest.approx([*expected, 1.0])
    assert (report.rank_1, report.rank_5) == (report.cmc[0], report.cmc[4])
    assert (report.probes, report.gallery) == (280, 40)
    assert 0.3 < report.rank_1 < report.rank_5 < 1


def test_ranks_agree_with_a_loop_over_several_embeddings_of_each_person():
    generator = torch.Generator().manual_seed(1)
    gallery, gallery_identities = torch.randn(60, 4, generator=generator), torch.arange(60) % 13
    probes, probe_identities = torch.randn(50, 4, generator=generator), torch.arange(50) % 13
    expected = []
    for probe, identity in zip(probes.numpy(), probe_identities.tolist(), strict=True):
        nearest = {}
        for enrolled, label in zip(gallery.numpy(), gallery_identities.tolist(), strict=True):
            distance = np.linalg.norm(probe.astype(float) - enrolled.astype(float))
            nearest[label] = min(distance, nearest.get(label, np.inf))
        expected.append(sorted(nearest, key=nearest.get).index(identity) + 1)
    assert probe_ranks(gallery, gallery_identities, probes, probe_identities).tolist() == expected
    assert len(set(expected)) > 5


def test_ties_count_against_the_probe():
    gallery = torch.tensor([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    probes = torch.tensor([[0.0, 0.9], [0.9, 0.0]])
    assert probe_ranks(gallery, torch.tensor([1, 2, 3]), probes, torch.tensor([1, 3])).tolist() == [2, 1]
    constant = identification_report(torch.ones(6, 4), torch.arange(6), torch.ones(12, 4), torch.arange(12) % 6)
    assert constant.cmc == (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def test_blocks_of_probes_change_nothing(embeddings, monkeypatch):
    whole = probe_ranks(*embeddings)
    monkeypatch.setattr("miais.metrics.identification._BLOCK", 7)
    assert torch.equal(probe_ranks(*embeddings), whole)


def test_interval_resamples_the_people_of_the_probes(embeddings):
    correct = (probe_ranks(*embeddings) == 1).double()
    expected = bootstrap_interval(
        lambda weights: torch.stack([(row * correct).sum() / row.sum() for row in weights]), embeddings[3]
    )
    report = identification_report(*embeddings)
    assert (report.rank_1_low, report.rank_1_high) == pytest.approx(expected)
    assert report.rank_1_low < report.rank_1 < report.rank_1_high


def test_copies_are_averaged_before_people_are_resampled(embeddings):
    """The mean of the copies' intervals was wider: what differs between copies does not differ between people."""
    gallery, enrolled, probes, people = embeddings
    random = torch.Generator().manual_seed(5)
    several = [
        torch.stack([each + 0.3 * torch.randn(each.shape, generator=random) for _ in range(3)])
        for each in (gallery, probes)
    ]
    report = identification_report(several[0], enrolled, several[1], people)
    hits = torch.stack([probe_ranks(several[0][c], enrolled, several[1][c], people) == 1 for c in range(3)]).double()
    assert report.rank_1 == pytest.approx(float(hits.mean()))
    expected = bootstrap_interval(
        lambda weights: torch.stack([(row * hits.mean(dim=0)).sum() / row.sum() for row in weights]), people
    )
    assert (report.rank_1_low, report.rank_1_high) == pytest.approx(expected)
    assert (report.probes, report.gallery) == (len(people), len(enrolled))


def test_fewer_than_five_people_have_a_rank_5_of_one():
    report = identification_report(torch.eye(3), torch.arange(3), torch.eye(3).roll(1, 0), torch.arange(3))
    assert (report.rank_1, report.rank_5) == (0.0, 1.0)


def test_cmc_counts_ranks():
    assert cmc(torch.tensor([1, 2, 2, 4]), identities=5).tolist() == [0.25, 0.75, 0.75, 1.0, 1.0]


@pytest.mark.parametrize("ranks", [torch.tensor([0, 1]), torch.tensor([1, 6]), torch.tensor([], dtype=torch.int64)])
def test_cmc_refuses_ranks_outside_the_gallery(ranks):
    with pytest.raises(ValueError, match=r"all in \[1, 5\]"):
        cmc(ranks, identities=5)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({3: torch.tensor([1, 9])}, ValueError, "probe identity 9 is not in the gallery"),
        ({0: torch.zeros(3, 5)}, ValueError, "one length, got 5 in the gallery and 4 in the probes"),
        ({1: torch.tensor([1, 2])}, ValueError, r"gallery embeddings \(N, D\) and identities \(N,\)"),
        ({2: torch.zeros(0, 4), 3: torch.zeros(0, dtype=torch.int64)}, ValueError, "N and D at least 1"),
        ({2: torch.full((2, 4), torch.nan)}, ValueError, "finite probe embeddings"),
        ({1: torch.tensor([1.0, 2.0, 3.0])}, TypeError, "integer gallery identities"),
    ],
)
def test_bad_galleries_and_probes_are_refused(change, error, message):
    arguments = [torch.zeros(3, 4), torch.tensor([1, 2, 3]), torch.zeros(2, 4), torch.tensor([1, 2])]
    for position, value in change.items():
        arguments[position] = value
    with pytest.raises(error, match=message):
        identification_report(*arguments)
