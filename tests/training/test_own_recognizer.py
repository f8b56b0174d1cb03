"""A run that takes a user's own recogniser: another backbone, other people, another length of the embedding."""

import importlib.util
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from support.lattice_networks import lattice_networks
from support.small_training import cpu_fabric

from miais.networks.recognizers import RECOGNIZERS
from miais.networks.spec import NetworkSpec, build_network
from miais.recipes import get_recipe
from miais.recipes.own_recognizer import with_recognizer
from miais.recognizer import read_recognizer, save_recognizer
from miais.system import load
from miais.training.corpus import open_corpus
from miais.training.run import Run
from miais.training.settings import PhaseSettings, TransitSettings

pytestmark = pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="the covers come with scikit-image")
SPEC = NetworkSpec("inception", {"backbone": "test_resnet", "embedding_dim": 24})


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    torch.manual_seed(5)
    folder = tmp_path_factory.mktemp("recognizers") / "mine"
    save_recognizer(build_network(SPEC, RECOGNIZERS, num_identities=77), SPEC, folder)
    return folder


def small_recipe(name, networks):
    recipe = get_recipe(name)
    return replace(
        recipe,
        networks=networks or recipe.networks,
        data=replace(get_recipe("digits").data, batch=2, cover_size=64, workers=0, augment="none"),
        minimax=replace(recipe.minimax, joint_steps=1, losses=replace(recipe.minimax.losses, hint_layers=())),
        phase=PhaseSettings(steps=3, validate_every=3),
        transit=TransitSettings(quantize=True),
    )


@pytest.mark.parametrize(
    ("name", "networks"),
    [("strong_single", lattice_networks()), ("strong_multi", lattice_networks(multi=True)), ("digits", None)],
)
def test_own_recogniser_trains_hides_and_is_the_upper_bound(mine, tmp_path, name, networks):
    recipe = with_recognizer(small_recipe(name, networks), read_recognizer(mine))
    size = recipe.networks.image_size
    corpus = open_corpus(recipe.data, size, None, None, torch.device("cpu"))
    outcome = Run(cpu_fabric(), recipe, corpus, tmp_path / "run", start_from=mine).train()
    assert list(outcome.phases) == ["minimax"]
    system = load(tmp_path / "run" / "system")
    secrets = torch.stack([corpus.secrets.pixels(index) for index in range(3)]) / 255
    fresh = build_network(SPEC, RECOGNIZERS, num_identities=len(corpus.secrets.identities)).eval()
    fresh.load_state_dict({**system.secret_classifier.state_dict()})
    with torch.no_grad():
        torch.testing.assert_close(system.embed_secret(secrets), F.normalize(fresh(secrets).embedding))
    container = system.hide(secrets[0], torch.rand(3, 80, 90))
    assert system.embed(container).shape == (1, 48)
    assert system.card.training["secret_classifier"]["recognizer"] == "mine"
    assert len(system.card.training["secret_classifier"]["sha256"]) == 64


def test_head_of_the_own_recogniser_is_made_of_the_people_to_train_on(mine, tmp_path):
    recipe = with_recognizer(small_recipe("strong_single", lattice_networks()), read_recognizer(mine))
    corpus = open_corpus(recipe.data, recipe.networks.image_size, None, None, torch.device("cpu"))
    Run(cpu_fabric(), recipe, corpus, tmp_path / "run", start_from=mine).train()
    system = load(tmp_path / "run" / "system")
    vectors = torch.cat([system.embed_secret(corpus.secrets.pixels(i) / 255) for i in range(len(corpus.secrets))])
    for person in (0, 9):
        mean = vectors[corpus.secrets.labels == person].mean(dim=0)
        row = system.secret_classifier.head.weight[person]
        assert torch.cosine_similarity(row, mean, dim=0) > 0.999
