from functools import partial
from typing import get_args

import pytest
import torch
import torch.nn.functional as F

from miais.steganalysis.learned import SRNet, YedroudjNet, YeNet
from miais.steganalysis.learned.colours import Colours, planes
from miais.steganalysis.learned.srm import srm_filters
from miais.steganalysis.learned.yedroudj import PYTORCH

ACTIVATIONS = (torch.nn.ReLU, torch.nn.Hardtanh)
PARAMETERS = [  # as counted from the papers
    (YeNet, "luminance", 107_700),
    (YeNet, "rgb", 109_200),
    (partial(YeNet, batch_norm=True), "rgb", 109_200 + 2 * (4 * 30 + 3 * 32 + 2 * 16)),
    (YedroudjNet, "luminance", 444_610),
    (YedroudjNet, "rgb", 444_610),
    (partial(YedroudjNet, form=PYTORCH), "luminance", 444_610 + 30 + 30 + 32 + 64 + 128),
    (SRNet, "luminance", 4_776_962),
]


@pytest.mark.parametrize(("network", "colours", "count"), PARAMETERS)
def test_parameters_are_as_many_as_in_the_papers(network, colours, count):
    assert sum(parameter.numel() for parameter in network(colours=colours).parameters()) == count


def test_yedroudjs_filters_are_fixed_and_normalised():
    network = YedroudjNet(colours="luminance")
    assert torch.equal(network.filters[:, 0], srm_filters(normalized=True))
    assert "filters" in network.state_dict()
    assert all(parameter is not network.filters for parameter in network.parameters())


def test_yedroudjs_forms_differ_by_what_an_edge_does():
    """The Caffe file passes residues on as they are, the PyTorch file no more than 3 grey levels of them."""
    edge = torch.zeros(1, 3, 16, 16)
    edge[..., 8:] = 1
    whole, truncated = YedroudjNet(), YedroudjNet(form=PYTORCH)
    for network in (whole, truncated):
        network.trunk = network.head = torch.nn.Identity()
    assert whole(edge).max() >= 3 * 255
    assert truncated(edge).max() == 3
    assert torch.equal(truncated(edge), whole(edge).clamp(-3, 3))
    layers = YedroudjNet(form=PYTORCH).trunk
    assert [layer.max_val for layer in layers if isinstance(layer, torch.nn.Hardtanh)] == [3, 1]


def test_yenets_filters_start_as_they_are_and_are_trained():
    network = YeNet(image_size=128)
    assert torch.equal(network.filters.weight[:, 1], srm_filters())
    assert network.filters.weight.requires_grad


@pytest.mark.parametrize("colours", get_args(Colours))
@pytest.mark.parametrize(
    "make",
    [
        partial(YeNet, image_size=112),
        partial(YeNet, image_size=112, batch_norm=True),
        YedroudjNet,
        partial(YedroudjNet, form=PYTORCH),
        SRNet,
    ],
)
def test_every_parameter_gets_a_gradient(make, colours):
    torch.manual_seed(0)
    network = make(colours=colours)
    image = torch.rand(4, 3, 112, 112).mul(255).round().div(255)
    logits = network(image)
    assert logits.shape == (4, 2)
    F.cross_entropy(logits, torch.tensor([0, 1, 0, 1])).backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_yenets_normalisations_follow_its_activations():
    network = YeNet(batch_norm=True)
    layers = [*network.truncation, *network.trunk]
    after = [type(layers[place + 1]) for place, layer in enumerate(layers) if isinstance(layer, ACTIVATIONS)]
    assert after == [torch.nn.BatchNorm2d] * 9
    assert sum(isinstance(layer, torch.nn.BatchNorm2d) for layer in layers) == 9


@pytest.mark.parametrize("side", [256, 160, 128, 112])
def test_yenet_fits_its_size_and_refuses_others(side):
    network = YeNet(image_size=side)
    assert network(torch.zeros(1, 3, side, side)).shape == (1, 2)
    with pytest.raises(ValueError, match=f"expected pictures of {side}"):
        network(torch.zeros(1, 3, side + 16, side + 16))


def test_yenet_at_256_is_the_papers_down_to_its_last_map():
    assert YeNet().head.in_features == 144
    with pytest.raises(ValueError, match="at least 112"):
        YeNet(image_size=96)


def test_one_grey_level_reaches_the_detector_and_a_constant_does_not():
    """A flat picture has no residue at all, whatever its level."""
    network = YeNet(image_size=112)
    flat, lighter = torch.full((1, 3, 112, 112), 0.25), torch.full((1, 3, 112, 112), 0.75)
    torch.testing.assert_close(network(flat), network(lighter), atol=1e-4, rtol=0)
    dotted = flat.clone()
    dotted[..., ::7, ::5] += 1 / 255
    assert (network(dotted) - network(flat)).abs().max() > 1e-4


def test_planes_are_grey_levels():
    image = torch.tensor([1.0, 0.2, 0.6]).view(1, 3, 1, 1)
    luma = pytest.approx(0.299 * 255 + 0.587 * 51 + 0.114 * 153)
    assert planes(image, "rgb").flatten().tolist() == pytest.approx([255, 51, 153])
    assert planes(image, "luminance").flatten().tolist() == [luma]
    assert planes(image, "differences").flatten().tolist() == [luma, pytest.approx(204), pytest.approx(102)]
    with pytest.raises(ValueError, match=r"expected images of shape \(N, 3, H, W\)"):
        planes(image[:, :1], "luminance")


@pytest.mark.parametrize(
    ("make", "maps", "awake"), [(partial(YeNet, image_size=112), 90, 30), (YedroudjNet, 90, 30), (SRNet, 64, 22)]
)
def test_filters_start_out_on_one_plane_of_differences_each(make, maps, awake):
    """In a grey picture there is nothing between the colours: only filters of luminance see it."""
    torch.manual_seed(0)
    network = make(colours="differences").eval()
    network.trunk = network.trunk[0][0] if isinstance(network, SRNet) else torch.nn.Identity()
    network.head = torch.nn.Identity()
    grey = torch.randint(256, (1, 1, 112, 112)).repeat(1, 3, 1, 1) / 255
    answers = network(grey).detach().reshape(maps, -1).abs().amax(dim=1)
    assert (answers > 1e-3).sum() == awake


@pytest.mark.parametrize("make", [partial(YeNet, image_size=112), YedroudjNet])
def test_residues_are_as_fine_under_autocast(make):
    """In bfloat16 thirds and twelfths no longer sum to 0: on a bright wall the residue is larger than a message."""
    torch.manual_seed(0)
    network = make().eval()
    if isinstance(network, YeNet):
        network.filters.weight.data /= 12  # as training makes of whole numbers others
    network.trunk = network.head = torch.nn.Identity()
    image = torch.randint(256, (1, 3, 112, 112)) / 255
    plain = network(image)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(network(image), plain)


def test_srnet_is_as_fine_under_autocast():
    torch.manual_seed(0)
    network, image = SRNet().eval(), torch.randint(256, (1, 3, 64, 64)) / 255
    plain = network(image)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(network(image), plain)
