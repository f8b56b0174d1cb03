"""What each stage minimises, against a recomputation with one loop for every sum of the paper.

Nothing of miais.losses or miais.training.minimax is used for the expected values; MS-SSIM has its own tests.
"""

import math

import pytest
import torch
from support.small_training import PEOPLE, SIZE, TRIPLETS, small_batch, small_networks, small_recipe

from miais.image import from_uint8
from miais.metrics import ms_ssim
from miais.training.minimax import joint_stage, stage_a, stage_b
from miais.training.transit import Passage, Sample

PRESETS = ("paper_single", "paper_multi", "official_single", "official_multi", "lfw_single", "lfw_multi", "digits")
ROWS = {"anchors": 0, "positives": TRIPLETS, "negatives": 2 * TRIPLETS}


def images_of(*roles):
    return [ROWS[role] + triplet for role in roles for triplet in range(TRIPLETS)]


EVERYONE, PAIR, ENDS = images_of(*ROWS), images_of("positives", "negatives"), images_of("anchors", "negatives")


def cross_entropy(logits, labels, images, margin=0.0):
    total = 0.0
    for i in images:
        scores = [logits[i, k] - (margin if k == labels[i] else 0.0) for k in range(PEOPLE)]
        total = total - torch.log(torch.exp(scores[labels[i]]) / sum(map(torch.exp, scores)))
    return total / len(images)


def triplet(vectors, margin):
    total = 0.0
    for i in range(TRIPLETS):
        anchor, positive, negative = (vectors[start + i] for start in ROWS.values())
        gap = (anchor - positive).square().sum().sqrt() - (anchor - negative).square().sum().sqrt() + margin
        total = total + torch.clamp(gap, min=0)
    return total / TRIPLETS


def triplet_both_ways(vectors, margin):
    anchors, positives, negatives = vectors.chunk(3)
    return (triplet(vectors, margin) + triplet(torch.cat([positives, anchors, negatives]), margin)) / 2


def gap_of_logits(first, second):
    return sum((first[i, k] - second[i, k]).abs() for i in EVERYONE for k in range(PEOPLE)) / (len(EVERYONE) * PEOPLE)


def official_gap(first, second):
    """Mean over 2B images and K people of |p1 - p2|, times 1000; at K people as large as at the authors' 1662."""
    difference = (torch.softmax(first, 1) - torch.softmax(second, 1)).abs()
    return 1000 * sum(difference[i].sum() for i in PAIR) / (len(PAIR) * PEOPLE) * PEOPLE / 1662


def distance(some, others):
    return sum((some[i] - others[i]).square().sum().sqrt() for i in EVERYONE) / len(EVERYONE)


def mean_square(some, others, images):
    return sum((some[i] - others[i]).square().mean() for i in images) / len(images)


def relative_gap(some, others):
    pairs = [(one[i], other[i]) for one, other in zip(some, others, strict=True) for i in EVERYONE]
    return sum((one - other).square().sum() / other.square().sum() for one, other in pairs) / max(1, len(pairs))


def maps_of(classifier, images, layers):
    """The maps after each of some layers of a light classifier's trunk, one layer after the other."""
    if not layers:
        return []
    features, maps = classifier.front(images), {}
    for number, layer in enumerate(classifier.trunk):
        maps[f"trunk.{number}"] = features = layer(features)
    return [maps[name] for name in layers]


def similarity(one, other, variant):
    return ms_ssim(one, other, variant=variant).mean()


class Case:
    """A preset's small networks in the state of a stage, a batch on its way, and the networks' answers, by hand."""

    def __init__(self, preset, stage):
        recipe = small_recipe(preset)
        self.settings = recipe.minimax
        self.networks = small_networks(recipe)
        self.networks.enter_stage(stage, fixed="train")
        batch = small_batch(3)
        secrets, covers = from_uint8(batch.secrets), from_uint8(batch.covers)
        with torch.no_grad() if stage == "A" else torch.enable_grad():
            containers = self.networks.generator(secrets, covers)
        arrived = 0.5 * containers + 0.5 * covers  # a distortion that the losses must look at, or not
        self.passage = Passage(covers, containers, arrived, arrived)
        self.sample = Sample(secrets, batch.labels, covers)
        self.labels = batch.labels.tolist()
        self.secrets, self.covers, self.containers, self.arrived = secrets, covers, containers, arrived
        self.answers = [classifier(arrived) for classifier in self.networks.classifiers]
        self.plain = self.networks.secret_classifier(secrets).embedding.detach()
        layers = self.settings.losses.hint_layers
        self.maps = [maps_of(f, arrived, layers) for f in self.networks.classifiers]
        self.plain_maps = [maps.detach() for maps in maps_of(self.networks.secret_classifier, secrets, layers)]
        self.hidden = self.networks.secret_classifier(arrived).embedding
        self.restored = None if self.networks.restorer is None else self.networks.restorer(arrived)

    def identity(self, *, cross_entropy_weight, images, sides=(0, 1)):
        """L1 + L2, with a triplet loss of weight 2 and margin 1.2."""
        return sum(
            cross_entropy_weight * cross_entropy(self.answers[i].logits, self.labels, images)
            + 2 * triplet(self.answers[i].embedding, 1.2)
            for i in sides
        )

    def gap(self, measure):
        return measure(self.answers[0].logits, self.answers[1].logits)


def without_gradient(value):
    return float(value.detach())


def paper(case, stage, above):
    """Eqs. 9, 10, 12, 13, 14; above the threshold L_vis counts ten times."""
    everyone = {"cross_entropy_weight": 1.0, "images": EVERYONE}
    if stage == "A":
        return case.identity(**everyone) - case.gap(gap_of_logits)
    visual = 1 - similarity(case.containers, case.covers, "miais")
    total = (10 if above else 1) * visual + distance(case.plain, case.hidden)
    if stage == "joint":
        total = total + case.identity(**everyone, sides=(0,))
    else:
        total = total + case.identity(**everyone) + case.gap(gap_of_logits)
    return total if case.restored is None else total + 1 - similarity(case.restored, case.secrets, "miais")


def official_joint(case):
    total = 3 * (1 - similarity(case.containers, case.covers, "miais"))
    total = total + case.identity(cross_entropy_weight=1.0, images=EVERYONE, sides=(0,))
    total = total + 0.1 * sum(mean_square(case.plain, case.hidden, images_of(role)) for role in ROWS)
    return total if case.restored is None else total + 3 * 0.75 * (1 - similarity(case.restored, case.secrets, "miais"))


def official_single(case, stage, above):
    """Section 6.1 of the notes on the released code."""
    if stage == "joint":
        return official_joint(case)
    both, gap = case.identity(cross_entropy_weight=0.1, images=PAIR), case.gap(official_gap)
    if stage == "A":
        everything = without_gradient(both + gap)
        a1, a2 = without_gradient(gap) / everything, without_gradient(both) / everything
        return 0.5 * (10 * a1 * both - a2 * gap)
    visual = 1 - similarity(case.arrived, case.covers, "miais") + (case.arrived - case.covers).square().mean()
    content = mean_square(case.plain, case.hidden, ENDS)
    everything = without_gradient(gap + visual + content + both)
    b1, b2, b3, b4 = (1 - without_gradient(term) / everything for term in (gap, visual, content, both))
    return 0.5 * (5 * b1 * gap + (130 if above else 10) * b2 * visual + 2 * b3 * content + 0.1 * b4 * both)


def official_multi(case, stage, above):
    """Section 6.2; Stage B has no recognition loss, neither in the sum nor in the weights."""
    if stage == "joint":
        return official_joint(case)
    gap = case.gap(official_gap)
    if stage == "A":
        both = case.identity(cross_entropy_weight=1.0, images=PAIR)
        everything = without_gradient(both + gap)
        return 15 * without_gradient(gap) / everything * both - 1.5 * without_gradient(both) / everything * gap
    visual = 1 - similarity(case.containers, case.covers, "miais")
    restoration = 1 - similarity(case.restored, case.secrets, "miais")
    content = mean_square(case.plain, case.hidden, EVERYONE)
    everything = without_gradient(gap + visual + restoration + content)
    b1, b2, b3, b4 = (1 - without_gradient(term) / everything for term in (gap, visual, restoration, content))
    if above:
        return 15 * b1 * gap + 50 * (b2 * visual + 0.75 * b3 * restoration) + 0.1 * b4 * content
    return 15 * b1 * gap + b2 * visual + b3 * restoration + 0.1 * b4 * content


def ours(case, stage, above):
    """Plain sums with the coefficients of the recipe, which are tuned and not repeated here."""
    settings, losses = case.settings, case.settings.losses
    weights = {"A": settings.stage_a, "B": settings.stage_b, "joint": settings.joint}[stage]
    answers = case.answers[:1] if stage == "joint" else case.answers
    wanted = losses.identity
    both = sum(
        wanted.cross_entropy * cross_entropy(logits, case.labels, EVERYONE, wanted.logit_margin)
        + wanted.triplet * triplet_both_ways(embedding, wanted.triplet_margin)
        for embedding, logits in answers
    )
    total = weights.identity * both
    total = total + weights.distillation * sum(distance(answer.embedding, case.plain) for answer in answers)
    total = total + weights.hints * sum(relative_gap(maps, case.plain_maps) for maps in case.maps[: len(answers)])
    if stage == "A":
        return total - weights.discrepancy * case.gap(gap_of_logits)
    if stage == "B":
        total = total + weights.discrepancy * case.gap(gap_of_logits)
    total = total + weights.visual * (1 - similarity(case.containers, case.covers, "standard"))
    total = total + weights.content * distance(case.plain, case.hidden)
    if case.restored is None:
        return total
    restoration = 1 - similarity(case.restored, case.secrets, "standard")
    restoration = restoration + losses.restoration_mse * (case.restored - case.secrets).square().mean()
    return total + weights.restoration * restoration


NAIVE = {
    "official_single": official_single,
    "official_multi": official_multi,
    "paper_single": paper,
    "paper_multi": paper,
}


@pytest.mark.parametrize(
    ("preset", "stage", "above"),
    [(preset, stage, False) for preset in PRESETS for stage in ("A", "B", "joint")]
    + [(preset, "B", True) for preset in NAIVE],
)
def test_loss_and_gradients_are_those_of_the_equations(preset, stage, above):
    case = Case(preset, stage)
    settings = case.settings
    if stage == "A":
        loss = stage_a(case.networks, case.passage, case.sample, settings)
    elif stage == "B":
        weights = settings.stage_b_above if above else settings.stage_b
        loss = stage_b(case.networks, case.passage, case.sample, settings, weights)
    else:
        loss = joint_stage(case.networks, case.passage, case.sample, settings)
    expected = NAIVE.get(preset, ours)(case, stage, above)
    assert math.isfinite(float(expected.detach()))
    torch.testing.assert_close(loss.total, expected, rtol=1e-4, atol=1e-5)
    moving = [parameter for network in case.networks.moving(stage) for parameter in network.parameters()]
    found, wanted = (
        torch.autograd.grad(total, moving, retain_graph=True, materialize_grads=True)
        for total in (loss.total, expected)
    )
    lengths = [math.hypot(*(float(gradient.norm()) for gradient in gradients)) for gradients in (found, wanted)]
    errors = math.hypot(*(float((one - other).norm()) for one, other in zip(found, wanted, strict=True)))
    assert lengths[1] > 0
    assert errors < 1e-3 * lengths[1]


@pytest.mark.parametrize("preset", PRESETS)
def test_terms_are_reported_before_weighting(preset):
    case = Case(preset, "B")
    loss = stage_b(case.networks, case.passage, case.sample, case.settings, case.settings.stage_b)
    expected = {"visual", "discrepancy", "content"} | ({"restoration"} if case.restored is not None else set())
    expected |= set() if preset == "official_multi" else {"identity"}
    expected |= {"distillation"} if case.settings.stage_b.distillation else set()
    expected |= {"hints"} if case.settings.stage_b.hints else set()
    assert set(loss.terms) == expected
    assert all(term.ndim == 0 and term.isfinite() for term in loss.terms.values())


def test_the_batch_is_as_small_as_the_sums_suppose():
    case = Case("paper_single", "A")
    assert case.secrets.shape == (3 * TRIPLETS, 3, SIZE, SIZE)
    assert case.labels[0] == case.labels[TRIPLETS] != case.labels[2 * TRIPLETS]
