import pytest
import torch

from miais.network_kinds import CLASSIFIERS, GENERATORS, RESTORERS
from miais.networks.recognition import Recognition
from miais.networks.spec import NetworkSpec, build_network


def make_image(side=32):
    return torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(0))


CODE = {"code": 16, "embedding_dim": 16, "channel": {"repeats": 2, "key": "00" * 32}}


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("residual", {"image_size": 32, "width": 8}),
        ("unet", {"image_size": 32, "width": 8}),
        (
            "lattice",
            {"image_size": 32, "encoder": {"kind": "residue", "arguments": {"image_size": 32, "width": 8}}, **CODE},
        ),
        ("peer", {"method": "hiips", "width": 2}),
    ],
)
def test_every_generator_is_made_by_name(kind, arguments):
    generator = build_network(NetworkSpec(kind, arguments), GENERATORS)
    assert generator(make_image(), make_image()).shape == (2, 3, 32, 32)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [("residue", {"image_size": 32, "width": 8}), ("inception", {"backbone": "resnet18"}), ("lattice", CODE)],
)
def test_every_classifier_is_made_by_name_with_the_callers_identities(kind, arguments):
    classifier = build_network(NetworkSpec(kind, {"embedding_dim": 16, **arguments}), CLASSIFIERS, num_identities=7)
    answer = classifier(make_image())
    assert isinstance(answer, Recognition)
    assert answer.embedding.shape == (2, 16)
    assert answer.logits.shape == (2, 7)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("plain", {"width": 2}),
        ("residue", {"image_size": 32, "width": 8}),
        ("lattice", {"image_size": 32, "width": 8, "picture": {"repeats": 1, "key": "00" * 32}}),
        ("peer", {"method": "udh", "width": 2}),
    ],
)
def test_every_restorer_is_made_by_name(kind, arguments):
    assert build_network(NetworkSpec(kind, arguments), RESTORERS)(make_image()).shape == (2, 3, 32, 32)


def test_every_kind_is_tested_here():
    assert set(GENERATORS) == {"residual", "unet", "lattice", "peer"}
    assert set(CLASSIFIERS) == {"residue", "inception", "lattice"}
    assert set(RESTORERS) == {"plain", "residue", "lattice", "peer"}


def test_a_typo_in_the_kind_suggests_the_near_one():
    with pytest.raises(ValueError, match=r"residual, unet, lattice, peer, got 'residul'; did you mean 'residual'\?"):
        build_network(NetworkSpec("residul"), GENERATORS)
    with pytest.raises(ValueError, match=r"out of residual, unet, lattice, peer, got 'xyz'$"):
        build_network(NetworkSpec("xyz"), GENERATORS)


def test_an_unknown_argument_is_named():
    with pytest.raises(ValueError, match=r"'residual' does not take .*'widht': 8.*unexpected keyword argument 'widht'"):
        build_network(NetworkSpec("residual", {"widht": 8}), GENERATORS)


@pytest.mark.parametrize("arguments", [{}, {"method": "udh", "depth": 3}, {"method": "stegnot"}])
def test_a_peer_needs_a_method_and_its_arguments(arguments):
    with pytest.raises(ValueError, match=r"'peer' does not take|out of hiips"):
        build_network(NetworkSpec("peer", arguments), GENERATORS)


def test_arguments_given_twice_are_refused():
    with pytest.raises(ValueError, match="multiple values for keyword argument 'num_identities'"):
        build_network(NetworkSpec("residue", {"num_identities": 5}), CLASSIFIERS, num_identities=7)


def test_a_bad_value_keeps_the_networks_own_message():
    with pytest.raises(ValueError, match="multiple of 16, got 100"):
        build_network(NetworkSpec("residual", {"image_size": 100}), GENERATORS)


@pytest.mark.parametrize("kind", [None, 5, ["residual"], {"residual": 1}])
def test_a_kind_that_is_no_text_is_refused(kind):
    """A damaged card once ended in "unhashable type: 'list'"."""
    with pytest.raises(ValueError, match="out of residual, unet, lattice, peer, got"):
        build_network(NetworkSpec(kind), GENERATORS)


@pytest.mark.parametrize("arguments", [5, "width", ["width"]])
def test_arguments_that_are_no_mapping_are_refused(arguments):
    """Quoting such arguments in the message once failed itself."""
    with pytest.raises(ValueError, match="does not take the arguments"):
        build_network(NetworkSpec("residual", arguments), GENERATORS)
