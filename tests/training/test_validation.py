from dataclasses import replace

import pytest
import torch
from sklearn.metrics import roc_auc_score
from support.small_training import PEOPLE, SIZE, small_networks, small_recipe
from torch import nn

from miais.hiding import carry_residual
from miais.image import from_uint8, quantize, resize
from miais.metrics import ms_ssim, psnr
from miais.networks.recognition import Recognition
from miais.training.validation import FixedPairs, Validator

CPU = torch.device("cpu")


class Marked(nn.Module):
    """Reads the person from the mean of the first channel, in steps of a tenth."""

    def __init__(self, share_right=1.0):
        super().__init__()
        self.share_right = share_right

    def forward(self, images):
        people = (images[:, 0].mean(dim=(1, 2)) * 10).round().long()
        wrong = torch.arange(len(people)) >= round(self.share_right * len(people))
        people = torch.where(wrong, (people + 1) % 10, people)
        embedding = torch.nn.functional.one_hot(people, 10).float()
        return Recognition(embedding, embedding * 5)


class Answering(nn.Module):
    """Answers with fixed vectors."""

    def __init__(self, vectors):
        super().__init__()
        self.vectors = vectors

    def forward(self, images):
        return Recognition(self.vectors, self.vectors)


def marked_secrets(people):
    levels = torch.tensor(list(people)).view(-1, 1, 1, 1) * 25.5
    return levels.round().to(torch.uint8).expand(-1, 3, SIZE, SIZE).contiguous()


def some_covers(count, size=48):
    random = torch.Generator().manual_seed(0)
    return torch.randint(256, (count, 3, size, size), dtype=torch.uint8, generator=random)


def test_known_labels_are_scored_by_classification():
    people = [0, 1, 2, 3, 4, 5, 6, 7]
    validator = Validator(marked_secrets(people), some_covers(8), torch.tensor(people), None, CPU)
    assert validator.recognizer(Marked()).score == 1.0
    found = validator.recognizer(Marked(share_right=0.75))
    assert (found.score, found.numbers) == (0.75, {"accuracy": 0.75})


def test_unseen_people_are_scored_by_verification_of_fixed_pairs():
    people = [0, 0, 1, 1, 2, 2, 3, 3]
    pairs = FixedPairs(
        torch.tensor([0, 2, 4, 6, 0, 2, 4, 6]),
        torch.tensor([1, 3, 5, 7, 2, 4, 6, 0]),
        torch.tensor([True] * 4 + [False] * 4),
        torch.tensor([0, 0, 1, 1, 0, 0, 1, 1]),
    )
    strangers = torch.full((8,), 99)  # labels mean nothing here
    validator = Validator(marked_secrets(people), some_covers(8), strangers, pairs, CPU)
    assert validator.recognizer(Marked()).score == 1.0
    # The last two images show somebody else: one genuine pair of another fold is told apart wrongly.
    found = validator.recognizer(Marked(share_right=7 / 8))
    assert found.score == found.numbers["auc"]
    assert found.score < 1.0
    assert found.numbers["accuracy"] < 1.0


def test_the_score_of_pairs_is_the_area_under_their_roc_curve():
    random = torch.Generator().manual_seed(4)
    vectors = torch.randn(12, 5, generator=random)
    first, second = torch.randint(12, (2, 40), generator=random)
    same = torch.rand(40, generator=random) < 0.5
    secrets = torch.zeros(12, 3, SIZE, SIZE, dtype=torch.uint8)
    pairs = FixedPairs(first, second, same, torch.arange(40) % 2)
    found = Validator(secrets, some_covers(12), torch.zeros(12), pairs, CPU).recognizer(Answering(vectors))
    unit = vectors / vectors.norm(dim=1, keepdim=True)
    expected = roc_auc_score(same, -(unit[first] - unit[second]).norm(dim=1))
    assert found.score == pytest.approx(expected)


def small_system(name="lfw_multi", multi=True):
    networks = small_networks(small_recipe(name)).eval()
    assert (networks.restorer is not None) == multi
    nn.init.normal_(networks.generator.body.leave.weight)
    return networks


def make_validator(count=3):
    random = torch.Generator().manual_seed(1)
    secrets = torch.randint(256, (count, 3, SIZE, SIZE), dtype=torch.uint8, generator=random)
    return Validator(secrets, some_covers(count), torch.arange(count) % PEOPLE, None, CPU)


@pytest.mark.parametrize("psnr_db", [None, 40.0])
def test_containers_are_scored_as_they_are_saved(psnr_db):
    networks, validator = small_system(), make_validator()
    found = validator.hiding(networks, psnr_db)
    with torch.no_grad():
        # In the validator's memory layout: in another one sums differ, and a value near .5 is rounded the other way.
        secrets, covers = (
            from_uint8(pixels).contiguous(memory_format=torch.channels_last)
            for pixels in (validator.secrets, validator.covers)
        )
        small = resize(covers, (SIZE, SIZE))
        drawn = networks.generator(secrets, small)
        containers = quantize(carry_residual(drawn, small, covers, psnr_db=psnr_db))
        seen = resize(containers, (SIZE, SIZE))
        logits = sum(classifier(seen).logits for classifier in networks.classifiers)
        accuracy = float((logits.argmax(dim=1) == validator.labels).float().mean())
        restored = networks.restorer(seen)
    expected = {
        "accuracy": accuracy,
        "container_psnr_db": float(psnr(containers, covers).mean()),
        "visual": 1 - float(ms_ssim(containers, covers).mean()),
        "restored_psnr_db": float(psnr(restored, secrets).mean()),
        "restoration": 1 - float(ms_ssim(restored, secrets).mean()),
    }
    assert found.numbers == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert found.score == pytest.approx(accuracy - expected["visual"] - expected["restoration"])
    if psnr_db is not None:
        assert found.numbers["container_psnr_db"] == pytest.approx(40, abs=0.5)


def test_a_single_task_system_is_scored_by_recognition_and_concealment():
    found = make_validator().hiding(small_system("lfw_single", multi=False), None)
    assert found.score == found.numbers["accuracy"] - found.numbers["visual"]
    assert set(found.numbers) == {"accuracy", "container_psnr_db", "visual"}


class Showing(nn.Module):
    """A "generator" that sends a mixture of secret and cover."""

    def __init__(self, share):
        super().__init__()
        self.share = share

    def forward(self, secret, cover):
        return self.share * secret + (1 - self.share) * cover


def test_without_a_budget_showing_the_secret_is_not_best():
    """A score of recognition alone preferred it, and "best" was then a system that hides nothing."""
    right = torch.eye(8)
    two_wrong = torch.cat([right[:6], right[[7, 6]]])
    found = []
    for share, answers in ((1.0, right), (0.0, two_wrong)):
        networks = small_system("lfw_single", multi=False)
        networks.generator = Showing(share)
        networks.classifiers = nn.ModuleList([Answering(answers), Answering(answers)])
        validator = Validator(marked_secrets(range(8)), some_covers(8), torch.arange(8), None, CPU)
        found.append(validator.hiding(networks, None))
    shown, hidden = found
    assert (shown.numbers["accuracy"], hidden.numbers["accuracy"]) == (1.0, 0.75)
    assert shown.score < hidden.score == 0.75 - hidden.numbers["visual"]


def test_chunks_change_nothing(monkeypatch):
    networks, validator = small_system(), make_validator(count=5)
    whole = validator.hiding(networks, 40.0)
    monkeypatch.setattr("miais.training.validation._CHUNK", 2)
    assert validator.hiding(networks, 40.0).numbers == pytest.approx(whole.numbers, rel=1e-5, abs=1e-6)


def test_the_grid_has_a_column_for_each_pair_and_a_row_for_each_picture():
    grid = make_validator(count=8).hiding(small_system(), None).grid
    assert grid.shape == (3, 5 * SIZE, 6 * SIZE)
    assert grid.min() >= 0
    assert grid.max() <= 1
    validator = make_validator(count=2)
    grid = validator.hiding(small_system("lfw_single", multi=False), 40.0).grid
    assert grid.shape == (3, 4 * SIZE, 2 * SIZE)
    torch.testing.assert_close(grid[:, :SIZE, :SIZE], from_uint8(validator.secrets[0]))
    cover, container, residual = (grid[:, row * SIZE : (row + 1) * SIZE, :SIZE] for row in (1, 2, 3))
    torch.testing.assert_close(residual, (0.5 + 5 * (container - cover)).clamp(0, 1))


def test_classifiers_are_scored_in_eval_mode():
    networks, validator = small_system(), make_validator()
    plain = validator.recognizer(networks.secret_classifier)
    before = {name: value.clone() for name, value in networks.secret_classifier.state_dict().items()}
    networks.secret_classifier.train()
    assert validator.recognizer(networks.secret_classifier) == plain
    assert all(torch.equal(value, before[name]) for name, value in networks.secret_classifier.state_dict().items())


def test_scoring_leaves_no_graph():
    networks = small_system()
    grid = make_validator().hiding(networks, None).grid
    assert not grid.requires_grad
    assert all(parameter.grad is None for parameter in networks.parameters())


def test_accuracy_is_of_both_steg_classifiers_together():
    networks = small_system("lfw_single", multi=False)
    validator = make_validator(count=2)

    class Sure(nn.Module):
        def __init__(self, person, strength):
            super().__init__()
            self.answer = strength * torch.nn.functional.one_hot(torch.tensor(person), PEOPLE).float()

        def forward(self, images):
            return Recognition(torch.ones(len(images), 2), self.answer.expand(len(images), -1))

    networks.classifiers = nn.ModuleList([Sure(1, 1.0), Sure(3, 2.0)])
    validator = replace(validator, labels=torch.tensor([3, 1]))
    assert validator.hiding(networks, None).numbers["accuracy"] == 0.5
