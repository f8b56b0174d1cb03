"""A whole run with an invertible generator and restorer, shrunk, which `--set` makes of a recipe for other networks."""

import importlib.util
import json
from dataclasses import replace

import pytest
import torch
from support.invertible_networks import ARGUMENTS, SIDE
from support.small_training import cpu_fabric

from miais.networks.spec import NetworkSpec
from miais.recipes import get_recipe
from miais.recipes.overrides import with_overrides
from miais.system import load
from miais.training.checkpoint import load_checkpoint
from miais.training.corpus import open_corpus
from miais.training.loop import TrainingLoop
from miais.training.run import Run

pytestmark = pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="the covers come with scikit-image")

ASSIGNMENTS = [
    f"networks.{role}.{part}"
    for role in ("generator", "restorer")
    for part in ("kind=invertible", f"arguments={json.dumps(ARGUMENTS)}")
]


def small_recipe():
    recipe, digits = with_overrides(get_recipe("lfw_multi"), ASSIGNMENTS), get_recipe("digits")
    classifier = NetworkSpec("residue", {"image_size": SIDE, "width": 8, "embedding_dim": 16})
    return replace(
        recipe,
        networks=replace(recipe.networks, image_size=SIDE, classifier=classifier, secret_classifier=None),
        data=replace(digits.data, batch=2, workers=0),
        pretrain=replace(digits.pretrain, phase=replace(digits.pretrain.phase, steps=2, validate_every=2, batch=6)),
        minimax=replace(recipe.minimax, joint_steps=2),
        transit=replace(recipe.transit, sizes=(32, 48)),
        phase=replace(recipe.phase, steps=6, validate_every=3),
    )


@pytest.fixture(scope="module")
def corpus():
    opened = open_corpus(small_recipe().data, SIDE, None, None, torch.device("cpu"))
    few = torch.arange(0, len(opened.validator.secrets), 30)
    chosen = {name: getattr(opened.validator, name)[few] for name in ("secrets", "covers", "labels")}
    return replace(opened, validator=replace(opened.validator, **chosen))


@pytest.fixture(scope="module")
def folder(corpus, tmp_path_factory):
    made = tmp_path_factory.mktemp("runs") / "whole"
    Run(cpu_fabric(), small_recipe(), corpus, made).train()
    return made


def test_a_run_leaves_a_system_that_hides_and_restores_with_the_weights_of_the_run(folder, corpus):
    system = load(folder / "system")
    best = load_checkpoint(folder / "minimax" / "best")[1]
    for role, network in (("generator", system.generator), ("restorer", system.restorer)):
        for name, tensor in network.state_dict().items():
            assert torch.equal(tensor, best[f"{role}.{name}"])
            assert torch.equal(tensor, best[f"generator.{name}"])
    secret = corpus.validator.secrets[0] / 255
    cover = torch.rand(3, 40, 60, generator=torch.Generator().manual_seed(0))
    assert system.restore(system.hide(secret, cover)).shape == (3, SIDE, SIDE)


def test_resume_equals_uninterrupted(folder, corpus, tmp_path):
    recipe, parts = small_recipe(), tmp_path / "parts"
    stops = iter([False, True])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingLoop, "_must_stop", lambda *_: next(stops, True))
        assert Run(cpu_fabric(), recipe, corpus, parts).train().system_folder is None
        patch.undo()
    while Run(cpu_fabric(), recipe, corpus, parts).train(resume=True).system_folder is None:
        pass
    (step, resumed), (_, whole) = (load_checkpoint(path / "minimax" / "checkpoint") for path in (parts, folder))
    assert step == 6
    for name, tensor in whole["task"]["networks"].items():
        assert torch.equal(resumed["task"]["networks"][name], tensor), name
    assert load(parts / "system").card.system_hash == load(folder / "system").card.system_hash


def test_another_runs_whole_system_can_be_trained_further(folder, corpus, tmp_path):
    further = Run(cpu_fabric(), small_recipe(), corpus, tmp_path, start_from=folder / "system", start_with="all")
    outcome = further.train()
    assert outcome.phases["minimax"].finished
    assert load(outcome.system_folder).card.training["all_networks"]["system"] == "lfw_multi"
