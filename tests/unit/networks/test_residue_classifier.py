import pytest
import torch
from torch import nn

from miais.networks.residue_classifier import HIGH_PASS_KERNELS, HighPassFront, ResidueClassifier


def make_classifier(image_size=32, **arguments):
    torch.manual_seed(0)
    return ResidueClassifier(5, image_size=image_size, **{"width": 8, "embedding_dim": 16, **arguments})


def make_image(side=32, batch=3):
    return torch.rand(batch, 3, side, side, generator=torch.Generator().manual_seed(1))


def test_high_pass_filters_each_sum_to_zero_and_differ():
    assert all(sum(map(sum, kernel)) == 0 for kernel in HIGH_PASS_KERNELS)
    assert all(any(map(any, kernel)) for kernel in HIGH_PASS_KERNELS)
    assert len(set(HIGH_PASS_KERNELS)) == 5


def test_front_gives_the_image_then_five_clipped_residues_of_each_channel():
    image = make_image(6, batch=2)
    front = HighPassFront()(image)
    assert front.shape == (2, 18, 6, 6)
    assert torch.equal(front[:, :3], image * 2 - 1)
    for channel in range(3):
        centre, left, right = image[1, channel, 3, 2], image[1, channel, 3, 1], image[1, channel, 3, 3]
        above, below = image[1, channel, 2, 2], image[1, channel, 4, 2]
        across, down = left - 2 * centre + right, above - 2 * centre + below
        expected = torch.stack([right - centre, below - centre, across, down, across + down])
        seen = front[1, 3 + 5 * channel : 8 + 5 * channel, 3, 2]
        torch.testing.assert_close(seen, (8 * expected).clamp(-3, 3))
    assert front[:, 3:].abs().max() == 3


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_front_sees_nothing_on_a_flat_image_up_to_its_border(level):
    residues = HighPassFront()(torch.full((1, 3, 8, 8), level))[:, 3:]
    torch.testing.assert_close(residues, torch.zeros_like(residues), rtol=0, atol=1e-5)


@pytest.mark.parametrize("levels", [1.0, 0.25])
def test_front_sees_a_grey_level_and_less_at_full_precision_under_autocast(levels):
    image = torch.full((1, 3, 8, 8), 252 / 255)
    image[0, :, 4, 4] = (252 + levels) / 255
    with torch.autocast("cpu", torch.bfloat16):
        seen = HighPassFront()(image)
    assert seen.dtype == torch.float32
    assert torch.equal(seen, HighPassFront()(image))
    laplacian = seen[0, [7, 12, 17], 4, 4]
    torch.testing.assert_close(laplacian, torch.full((3,), 8 * -4 * levels / 255), rtol=1e-3, atol=0)


def test_fixed_filters_are_neither_trained_nor_stored():
    assert list(HighPassFront().parameters()) == []
    assert not any("kernels" in name for name in make_classifier().state_dict())


@pytest.mark.parametrize("side", [16, 32, 64, 112, 128, 160])
def test_embedding_and_logits_have_their_shapes_and_lengths(side):
    classifier = make_classifier(side, scale=7.0, logit_scale=2.0).eval()
    with torch.no_grad():
        embedding, logits = classifier(make_image(side, batch=2))
    assert embedding.shape == (2, 16)
    assert logits.shape == (2, 5)
    torch.testing.assert_close(embedding.norm(dim=1), torch.full((2,), 7.0))
    cosines = torch.cosine_similarity(embedding[:, None], classifier.head[None], dim=2)
    torch.testing.assert_close(logits, 14 * cosines)
    assert classifier.logit_range == 14
    assert logits.abs().max() <= 14


def test_every_parameter_gets_a_gradient():
    classifier = make_classifier()
    for module in classifier.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)  # the residual branches start at zero, and what is in them has no gradient yet
    classifier(make_image()).logits[:, 0].sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in classifier.parameters())


def test_residual_blocks_start_as_identity():
    features = torch.rand(2, 16, 8, 8, generator=torch.Generator().manual_seed(1))
    block = make_classifier(blocks=1).trunk[2]
    assert sum(parameter.numel() for parameter in block.parameters()) > 2 * 9 * 16 * 16
    assert torch.equal(block(features), features)


def test_gradient_reaches_the_image_through_frozen_parameters():
    classifier = make_classifier().eval().requires_grad_(False)
    image = make_image().requires_grad_()
    classifier(image).logits.square().mean().backward()
    assert image.grad.any()
    assert image.grad.isfinite().all()


def test_eval_treats_each_image_alone_and_training_drops_features():
    classifier = make_classifier().eval()
    image = make_image()
    with torch.no_grad():
        singles = torch.cat([classifier(image[i : i + 1]).embedding for i in range(3)])
        torch.testing.assert_close(classifier(image).embedding, singles, rtol=0, atol=1e-4)
        classifier.train()
        assert not torch.equal(classifier(image).embedding, classifier(image).embedding)


def test_embedding_has_full_precision_under_autocast():
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        embedding = make_classifier().eval()(make_image()).embedding
    assert embedding.dtype == torch.float32
    torch.testing.assert_close(embedding.norm(dim=1), torch.full((3,), 10.0))


def test_wrong_image_size_is_named():
    with pytest.raises(ValueError, match=r"\(N, 3, 32, 32\), got \(3, 3, 48, 48\); resize"):
        make_classifier()(make_image(48))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": 100}, "multiple of 16, got 100"),
        ({"width": 0}, "width of at least 1"),
        ({"embedding_dim": 0}, "embedding_dim"),
        ({"scale": 0.0}, "scale > 0"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_classifier(**arguments)


def test_a_head_needs_identities():
    with pytest.raises(ValueError, match="num_identities"):
        ResidueClassifier(0)
