import pytest
import torch

from miais.networks.lattice.channel import LatticeChannel
from miais.networks.lattice.classifier import LatticeClassifier

CHANNEL = {"repeats": 24, "key": "a5" * 32, "step": 4.0}


def make_classifier(**arguments):
    torch.manual_seed(0)
    return LatticeClassifier(7, **{"code": 32, "channel": CHANNEL, "embedding_dim": 16, "hidden": 24, **arguments})


def containers(batch=3, side=40):
    return torch.rand(batch, 3, side, side, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("side", [32, 40, 111])
def test_answer_has_unit_direction_and_one_logit_a_person(side):
    answer = make_classifier().eval()(containers(side=side))
    assert answer.embedding.shape == (3, 16)
    assert answer.logits.shape == (3, 7)
    torch.testing.assert_close(answer.embedding.norm(dim=1), torch.full((3,), 10.0))


def test_logits_are_scaled_cosines_with_the_head():
    classifier = make_classifier().eval()
    answer = classifier(containers())
    cosines = torch.cosine_similarity(answer.embedding[:, None], classifier.head[None], dim=2)
    torch.testing.assert_close(answer.logits, classifier.logit_range * cosines)


def test_starts_by_undoing_the_generators_tanh():
    """Sixteen components, each in two symbols: their direction comes out, whatever the slope made of them."""
    classifier = make_classifier().eval()
    components = torch.randn(3, 16, generator=torch.Generator().manual_seed(2))
    message = 0.25 * torch.tanh(0.5 * components).repeat(1, 2)
    answer = classifier(classifier.channel.write(message, containers(side=96)))
    expected = 10 * torch.nn.functional.normalize(components)
    torch.testing.assert_close(answer.embedding, expected, atol=0.3, rtol=0)


def test_what_lies_beyond_a_quarter_of_a_cycle_is_not_blown_up():
    classifier = make_classifier().eval()
    message = torch.full((1, 32), 0.1)
    message[0, 0] = message[0, 16] = 0.4  # noise has turned it past where the tanh ends
    embedding = classifier(classifier.channel.write(message, containers(batch=1, side=96))).embedding[0]
    assert embedding[0] / embedding[1:].mean() < 6


def test_every_parameter_gets_a_gradient():
    classifier = make_classifier()
    classifier.bent[-1].weight.data.normal_()
    classifier(containers()).logits.square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in classifier.parameters())


def test_what_the_picture_shows_does_not_matter():
    """Covers of other brightness under the same message: the answer stays."""
    channel, message = LatticeChannel(**CHANNEL), torch.linspace(-0.2, 0.2, 32)[None]
    classifier = make_classifier().eval()
    covers = [torch.full((1, 3, 40, 40), level / 255) for level in (40, 200)]
    answers = [classifier(channel.write(message, cover)).embedding for cover in covers]
    assert torch.cosine_similarity(*answers).item() > 0.99


def test_head_of_other_people_is_refused():
    with pytest.raises(ValueError, match="head of shape"):
        make_classifier().start_as(LatticeClassifier(8, code=32, channel=CHANNEL, embedding_dim=16))
    with pytest.raises(ValueError, match="head of shape"):
        make_classifier().start_as(torch.nn.Linear(2, 2))
