import pytest
import torch
from torch import nn

from miais.networks.multi_scale import MultiScaleBody


def make_body(inputs=6, outputs=3, width=8):
    torch.manual_seed(0)
    return MultiScaleBody(inputs, outputs, width)


def make_features(side=32, channels=6, batch=2):
    return torch.rand(batch, channels, side, side, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("side", [16, 32, 48, 112, 160])
@pytest.mark.parametrize(("inputs", "outputs"), [(6, 3), (18, 3), (1, 5)])
def test_output_has_the_resolution_of_the_input(side, inputs, outputs):
    with torch.no_grad():
        answer = make_body(inputs, outputs)(make_features(side, inputs, batch=1))
    assert answer.shape == (1, outputs, side, side)
    assert answer.std() > 0


def test_scales_are_a_half_to_a_sixteenth_with_doubled_widths():
    body, shapes = make_body(width=16), []
    for module in body.modules():
        if isinstance(module, nn.GroupNorm):
            module.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(output.shape[1:])))
    body(make_features(64))
    down = [(16, 32, 32), (32, 16, 16), (64, 8, 8), (128, 4, 4)]
    assert shapes == [*down, down[-1], *reversed(down[:-1])]


def test_every_parameter_gets_a_gradient():
    body = make_body()
    body(make_features()).square().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in body.parameters())


def test_each_image_is_treated_alone_also_in_training():
    body, features = make_body().train(), make_features(batch=3)
    with torch.no_grad():
        singles = torch.cat([body(features[i : i + 1]) for i in range(3)])
        torch.testing.assert_close(body(features), singles, rtol=0, atol=1e-5)


def test_single_pixels_reach_the_output():
    """Entering at half the resolution loses nothing: neighbours in one 2x2 cell are told apart."""
    body = make_body()
    with torch.no_grad():
        plain = body(torch.zeros(1, 6, 32, 32))
        answers = []
        for row, column in ((16, 16), (16, 17), (17, 16), (17, 17)):
            image = torch.zeros(1, 6, 32, 32)
            image[0, 0, row, column] = 1
            answers.append(body(image) - plain)
    assert all(answer.abs().max() > 1e-4 for answer in answers)
    gaps = [float((one - other).abs().max()) for i, one in enumerate(answers) for other in answers[:i]]
    assert min(gaps) > 1e-4


def test_coarse_scales_see_far():
    image = make_features(batch=1).requires_grad_()
    make_body()(image)[0, :, 0, 0].sum().backward()
    assert image.grad[0, :, -1, -1].abs().max() > 0


def test_skips_carry_fine_detail_past_the_bottom():
    body, features = make_body(), make_features()
    with torch.no_grad():
        answer = body(features)
        for module in body.bottom.modules():
            if isinstance(module, nn.GroupNorm):
                nn.init.zeros_(module.weight)
                nn.init.zeros_(module.bias)
        without = body(features)
    assert not torch.equal(answer, without)
    assert (without - without.mean(dim=(2, 3), keepdim=True)).abs().max() > 1e-3


def test_output_has_full_precision_under_autocast():
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert make_body()(make_features()).dtype == torch.float32


@pytest.mark.parametrize("width", [0, -8, 4, 12])
def test_width_must_be_a_multiple_of_8(width):
    with pytest.raises(ValueError, match=f"multiple of 8, got {width}"):
        make_body(width=width)
