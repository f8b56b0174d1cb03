import pytest
import timm
import torch
import torchvision

from miais.networks.inception import InceptionClassifier


@pytest.fixture(scope="module")
def inception():
    torch.manual_seed(0)
    return InceptionClassifier(num_identities=1662)


@pytest.fixture
def classifier():
    torch.manual_seed(0)
    return InceptionClassifier(num_identities=7, embedding_dim=16, backbone="resnet18")


def make_image(size=32, batch=3):
    return torch.rand(batch, 3, size, size, generator=torch.Generator().manual_seed(1))


def count_parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_default_is_the_papers_inception_with_its_heads(inception):
    peer = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False)
    assert count_parameters(inception.trunk) == count_parameters(peer) - count_parameters(peer.fc)
    assert inception.embedding.weight.shape == (128, 2048)
    assert inception.head.weight.shape == (1662, 128)
    assert inception.dropout.p == 0.5
    with torch.no_grad():
        embedding, logits = inception.eval()(make_image(75, batch=1))
    assert logits.shape == (1, 1662)
    torch.testing.assert_close(embedding.norm(dim=1), torch.tensor([10.0]))


def test_inception_refuses_images_below_its_smallest_size(inception):
    with pytest.raises(ValueError, match=r"inception_v3 needs images of at least 75 px, got 80x74.*resnet18"):
        inception(torch.rand(1, 3, 80, 74))


@pytest.mark.parametrize("backbone", ["resnet18", "mobilenetv3_small_050", "resnet18.a1_in1k"])
def test_any_timm_backbone_serves_by_name(backbone):
    classifier = InceptionClassifier(num_identities=5, embedding_dim=8, backbone=backbone).eval()
    embedding, logits = classifier(make_image(batch=2))
    assert embedding.shape == (2, 8)
    assert logits.shape == (2, 5)


def test_unknown_backbone_suggests_a_near_name():
    with pytest.raises(ValueError, match=r"no model 'inceptoin_v3'.*inception_v3"):
        InceptionClassifier(num_identities=5, backbone="inceptoin_v3")


@pytest.mark.parametrize("scale", [1.0, 10.0])
@pytest.mark.parametrize("training", [True, False])
def test_embedding_has_length_scale_and_feeds_the_head(scale, training):
    classifier = InceptionClassifier(num_identities=7, backbone="resnet18", scale=scale).train(training)
    embedding, logits = classifier(make_image())
    torch.testing.assert_close(embedding.norm(dim=1), torch.full((3,), scale))
    torch.testing.assert_close(logits, classifier.head(embedding))


def test_images_are_rescaled_inside_to_minus_one_to_one():
    torch.manual_seed(0)
    classifier = InceptionClassifier(num_identities=7, backbone="resnet18", dropout=0.0).eval()
    seen = []
    classifier.trunk.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    image = torch.tensor([0.0, 0.5, 1.0]).view(3, 1, 1, 1).expand(3, 3, 32, 32)
    classifier(image)
    assert seen[0][:, 0, 0, 0].tolist() == [-1.0, 0.0, 1.0]


def test_dropout_acts_on_features_and_embedding_in_training_only(classifier):
    image = make_image()
    embedding = classifier(image).embedding
    assert 0 < (embedding == 0).float().mean() < 1
    assert not torch.equal(embedding, classifier(image).embedding)
    classifier.eval()
    assert torch.equal(classifier(image).embedding, classifier(image).embedding)
    assert (classifier(image).embedding != 0).all()


def test_every_parameter_gets_a_gradient():
    # Not resnet18: its residual branches start at zero, so that their convolutions have no gradient yet.
    torch.manual_seed(0)
    classifier = InceptionClassifier(num_identities=7, backbone="mobilenetv3_small_050", dropout=0.0)
    classifier(make_image(64)).logits.square().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in classifier.parameters())


def test_gradient_reaches_the_image_through_frozen_parameters(classifier):
    classifier.eval().requires_grad_(False)
    image = make_image().requires_grad_()
    classifier(image).logits.square().mean().backward()
    assert image.grad.any()
    assert all(parameter.grad is None for parameter in classifier.parameters())


def test_trunk_starts_as_timm_starts_it(classifier):
    torch.manual_seed(0)
    trunk = timm.create_model("resnet18", pretrained=False, num_classes=0)
    assert all(map(torch.equal, classifier.trunk.state_dict().values(), trunk.state_dict().values()))


@pytest.mark.parametrize(
    "arguments",
    [{"num_identities": 0}, {"embedding_dim": 0}, {"scale": 0.0}, {"dropout": 1.0}, {"dropout": -0.1}],
)
def test_bad_arguments_are_refused(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        InceptionClassifier(**{"num_identities": 5, "backbone": "resnet18", **arguments})


def test_wrong_image_shape_is_named(classifier):
    with pytest.raises(ValueError, match=r"\(N, 3, H, W\), got \(3, 1, 32, 32\)"):
        classifier(make_image()[:, :1])
