import pytest
import torch

from miais.networks.views_classifier import ViewsClassifier


def make_classifier(**arguments):
    torch.manual_seed(0)
    return ViewsClassifier(5, **{"image_size": 48, "sides": (48, 32), "width": 8, "embedding_dim": 16, **arguments})


def make_image(size=48):
    return torch.rand(3, 3, size, size, generator=torch.Generator().manual_seed(1))


def test_shapes_and_ranges():
    embedding, logits = make_classifier().eval()(make_image())
    assert embedding.shape == (3, 16)
    torch.testing.assert_close(embedding.norm(dim=1), torch.full((3,), 10.0))
    assert logits.shape == (3, 5)
    assert logits.abs().max() <= 32


@pytest.mark.parametrize(("sides", "sees_the_rim"), [((48, 32), True), ((32,), False), ((32, 16), False)])
def test_a_cut_sees_the_middle_alone(sides, sees_the_rim):
    classifier, image = make_classifier(sides=sides).eval(), make_image()
    other = image.clone()
    other[..., :8, :], other[..., -8:, :], other[..., :8], other[..., -8:] = 0, 0, 0, 0
    with torch.no_grad():
        assert torch.equal(classifier(image).embedding, classifier(other).embedding) != sees_the_rim


def test_every_view_counts_and_learns():
    classifier = make_classifier().train()
    classifier(make_image()).logits.logsumexp(dim=1).sum().backward()
    assert [name for name, parameter in classifier.named_parameters() if parameter.grad is None] == []
    assert all(view.trunk[0][0].weight.grad.any() for view in classifier.views)


@pytest.mark.parametrize("sides", [(), (48, 64), (40,), (0,)])
def test_cuts_that_do_not_fit_are_refused(sides):
    with pytest.raises(ValueError, match="multiples of 16 up to the image_size 48"):
        make_classifier(sides=sides)


def test_wrong_image_size_is_named():
    with pytest.raises(ValueError, match=r"\(N, 3, 48, 48\), got \(3, 3, 32, 32\); resize"):
        make_classifier()(make_image(32))
