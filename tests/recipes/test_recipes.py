import json
from dataclasses import asdict, fields, is_dataclass, replace

import pytest
import torch

from miais.network_kinds import CLASSIFIERS, GENERATORS, RESTORERS
from miais.networks.spec import build_network
from miais.recipes import RECIPES, get_recipe
from miais.recipes.paper import table3_row
from miais.training.minimax import stage_at
from miais.training.objective_settings import IdentitySettings, LossSettings, MinimaxSettings
from miais.training.public_key import with_public_key
from miais.training.settings import DataSettings, PretrainSettings

NAMES = list(RECIPES)
OURS, PEER = ("digits", "lfw", "strong"), "peer"
# Rows of Table III: with content loss, with minimax; the last one is the whole system.
ROWS = {
    "paper_baseline": (False, False),
    "paper_baseline_content": (True, False),
    "paper_baseline_minimax": (False, True),
    "paper_single": (True, True),
}
# Counted from the paper's Table II and the authors' code; the classifier is Inception-v3 with 128-d embedding and head.
PAPERS = {"generator": 41_832_067, "restorer": 742_659}


def build_all(recipe, people=7, device="meta"):
    """The recipe's networks; on the device "meta" without memory for their weights."""
    with torch.device(device):
        specs = with_public_key(recipe).networks
        restorer = None if specs.restorer is None else build_network(specs.restorer, RESTORERS)
        classifier = build_network(specs.classifier, CLASSIFIERS, num_identities=people)
        return build_network(specs.generator, GENERATORS), classifier, restorer


@pytest.mark.parametrize("name", NAMES)
def test_networks_fit_each_other(name):
    recipe = get_recipe(name)
    # The light ones switch autocast off for their filters, which "meta" does not know.
    device = "meta" if recipe.networks.classifier.kind == "inception" else "cpu"
    generator, classifier, restorer = build_all(recipe, device=device)
    side = recipe.networks.image_size
    images = torch.rand(2, 3, side, side, device=device)
    container = generator(images, images)
    assert container.shape == images.shape
    embedding, logits = classifier(container)
    assert len(embedding) == 2
    assert logits.shape == (2, 7)
    if restorer is not None:
        assert restorer(container).shape == images.shape


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith((*OURS, PEER))])
def test_networks_of_paper_and_code_are_the_papers(name):
    networks = build_all(get_recipe(name))
    counts = [sum(p.numel() for p in network.parameters()) if network else None for network in networks]
    assert counts[0] == PAPERS["generator"]
    assert 20_000_000 < counts[1] < 30_000_000
    assert counts[2] == (PAPERS["restorer"] if name.endswith("multi") else None)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_has_the_name_that_it_is_found_by(name):
    recipe = get_recipe(name)
    assert recipe.name == name
    assert recipe.description
    assert recipe == get_recipe(name)
    assert (recipe.networks.restorer is not None) == (name.endswith("multi") or name.startswith(PEER))


def test_descriptions_tell_recipes_apart():
    assert len({get_recipe(name).description for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_losses_of_triplets_get_triplets(name):
    recipe = get_recipe(name)
    settings = recipe.minimax
    for losses in (settings.losses, settings.joint_losses or settings.losses):
        roles = {losses.identity.cross_entropy_roles, losses.content_roles, losses.discrepancy_roles}
        if losses.identity.triplet or roles != {"all"}:
            assert recipe.data.triplets
    identity = recipe.pretrain.identity
    if identity.triplet or identity.cross_entropy_roles != "all":
        assert recipe.pretrain.triplets


@pytest.mark.parametrize("name", NAMES)
def test_terms_have_a_weight_where_there_is_somebody_to_earn_them(name):
    recipe = get_recipe(name)
    settings = recipe.minimax
    assert settings.stage_a.discrepancy > 0
    assert settings.stage_b.discrepancy > 0
    for weights in (settings.stage_b, settings.stage_b_above or settings.stage_b):
        # A lattice holds its own budget, whatever the message.
        assert (weights.visual > 0) == (recipe.networks.generator.kind != "lattice")
        assert (weights.restoration > 0) == (recipe.networks.restorer is not None)
    # With f1 alone there is nobody to disagree with.
    assert settings.joint.discrepancy == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_pressing_stage_b_presses_on_what_is_seen(name):
    settings = get_recipe(name).minimax
    if settings.stage_b_above is None:
        assert name.startswith(OURS)  # they have a PSNR budget instead, or a lattice, whose step is one
        lattice = get_recipe(name).networks.generator.kind == "lattice"
        assert (get_recipe(name).transit.psnr_db is None) == lattice
    else:
        assert settings.stage_b_above.visual > settings.stage_b.visual


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_can_be_written_on_a_card(name):
    assert json.loads(json.dumps(asdict(get_recipe(name))))["name"] == name


@pytest.mark.parametrize("name", NAMES)
def test_images_are_large_enough_and_batches_hold_two_triplets(name):
    recipe = get_recipe(name)
    assert recipe.data.batch >= 2
    assert recipe.data.cover_size >= recipe.networks.image_size
    assert all(size >= 32 for size in recipe.transit.sizes)


@pytest.mark.parametrize(("typo", "meant"), [("paper_singel", "paper_single"), ("lfw-multi", "lfw_multi")])
def test_a_typo_gets_a_hint(typo, meant):
    with pytest.raises(ValueError, match=f"no recipe '{typo}'; did you mean '{meant}'\\? there are digits, "):
        get_recipe(typo)


def test_a_name_like_no_other_gets_the_list():
    with pytest.raises(ValueError, match=r"no recipe 'xyz'; there are digits, .*official_multi"):
        get_recipe("xyz")


def differences(some, others, where=""):
    """Names of all settings in which two groups differ."""
    found = set()
    for field in fields(some):
        one, other = getattr(some, field.name), getattr(others, field.name)
        if is_dataclass(one) and is_dataclass(other):
            found |= differences(one, other, f"{where}{field.name}.")
        elif one != other:
            found.add(where + field.name)
    return found


def test_rows_of_table_3_differ_in_what_their_names_say():
    rows = {settings: table3_row(content=settings[0], minimax=settings[1]) for settings in ROWS.values()}
    said = {"name", "description"}
    weights = {"minimax.stage_b.content", "minimax.stage_b_above.content", "minimax.joint.content"}
    assert differences(rows[False, False], rows[True, False]) == said | weights
    assert differences(rows[False, True], rows[True, True]) == said | weights
    assert differences(rows[False, False], rows[False, True]) == said | {"minimax.joint_steps"}
    assert differences(rows[True, False], rows[True, True]) == said | {"minimax.joint_steps"}
    # The joint objective is not used where all steps are minimax.
    assert differences(rows[True, True], get_recipe("paper_single")) <= said | {"minimax.joint.restoration"}


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_table_3_do_what_their_names_say(name):
    content, minimax = ROWS[name]
    recipe = get_recipe(name)
    steps = range(0, recipe.phase.steps, recipe.minimax.stage_steps)
    assert {stage_at(step, recipe.minimax) for step in steps} == ({"A", "B"} if minimax else {"joint"})
    weights = [recipe.minimax.stage_b, recipe.minimax.stage_b_above] if minimax else [recipe.minimax.joint]
    assert [one.content for one in weights] == [content] * len(weights)
    assert all(one.identity == 1 for one in weights)


@pytest.mark.parametrize(("name", "batch", "lr"), [("paper_single", 16, 1e-3), ("paper_multi", 4, 1e-4)])
def test_paper_recipes_are_those_of_section_4(name, batch, lr):
    recipe = get_recipe(name)
    assert recipe.data.batch == batch
    for moves in (recipe.generator_optimizer, recipe.classifier_optimizer):
        assert (moves.name, moves.lr, moves.schedule) == ("sgd", lr, "plateau")
    settings = recipe.minimax
    assert settings.hiding_threshold == 0.02
    assert (settings.first_stage, settings.fixed) == ("A", "eval")
    assert settings.joint_steps == 0
    identity = settings.losses.identity
    assert (identity.cross_entropy, identity.triplet, identity.triplet_margin) == (1, 2, 1.2)
    # An epoch is 2,000 triplets, and a stage one epoch.
    assert settings.stage_steps * batch == 2000
    assert recipe.transit == replace(recipe.transit, quantize=False, psnr_db=None, psnr_start_db=None, sizes=())
    assert recipe.transit.distortions == "none"


@pytest.mark.parametrize("name", ["digits", "lfw_single", "lfw_multi"])
def test_our_recipes_train_for_the_files_that_are_saved(name):
    recipe = get_recipe(name)
    assert recipe.transit.quantize
    assert recipe.transit.psnr_db >= recipe.transit.psnr_start_db > 20
    assert recipe.minimax.fixed == "eval"
    assert recipe.minimax.joint_steps < recipe.phase.steps
    assert recipe.transit.psnr_ramp < 1


def test_digits_needs_no_data_of_ones_own_and_mirrors_nothing():
    recipe = get_recipe("digits")
    assert (recipe.data.secrets, recipe.data.covers) == ("digits", ("scikit-image",))
    assert recipe.data.augment == "none"


def test_a_triplet_loss_without_triplets_is_refused():
    recipe = get_recipe("paper_single")
    plain = IdentitySettings(triplet=0.0)
    without = MinimaxSettings(losses=LossSettings(identity=plain))
    with pytest.raises(ValueError, match=r"paper_single: the triplet loss needs data.triplets=true, or set its weight"):
        replace(recipe, data=DataSettings(triplets=False))
    assert not replace(recipe, data=DataSettings(triplets=False), minimax=without).data.triplets
    with pytest.raises(ValueError, match=r"data.triplets=true"):
        replace(recipe, data=DataSettings(triplets=False), minimax=replace(without, joint_losses=LossSettings()))
    with pytest.raises(ValueError, match=r"pretrain.triplets=true"):
        replace(recipe, pretrain=PretrainSettings(triplets=False))
    assert not replace(recipe, pretrain=PretrainSettings(identity=plain, triplets=False)).pretrain.triplets
