"""Whole runs with lattice networks, shrunk: what differs from the others is where they start and what they look at."""

import importlib.util
from dataclasses import replace

import pytest
import torch
from support.lattice_networks import SIDE, lattice_networks
from support.small_training import cpu_fabric

from miais.image import read_image, write_png
from miais.recipes import get_recipe
from miais.system import load
from miais.training.checkpoint import load_checkpoint
from miais.training.corpus import open_corpus
from miais.training.loop import TrainingLoop
from miais.training.run import Run

pytestmark = pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="the covers come with scikit-image")


def small_recipe(*, multi):
    recipe = get_recipe("strong_multi" if multi else "strong_single")
    digits = get_recipe("digits")
    return replace(
        recipe,
        networks=lattice_networks(multi=multi),
        data=replace(digits.data, batch=2, workers=0),
        pretrain=replace(digits.pretrain, phase=replace(digits.pretrain.phase, steps=2, validate_every=2, batch=6)),
        minimax=replace(recipe.minimax, joint_steps=2),
        transit=replace(recipe.transit, sizes=(48, 64), distortions="road"),
        phase=replace(recipe.phase, steps=6, validate_every=3),
    )


@pytest.fixture(scope="module")
def corpus():
    opened = open_corpus(small_recipe(multi=False).data, SIDE, None, None, torch.device("cpu"))
    few = torch.arange(0, len(opened.validator.secrets), 30)
    chosen = {name: getattr(opened.validator, name)[few] for name in ("secrets", "covers", "labels")}
    return replace(opened, validator=replace(opened.validator, **chosen))


@pytest.fixture(scope="module")
def folders(corpus, tmp_path_factory):
    made = {}
    for multi in (False, True):
        made[multi] = tmp_path_factory.mktemp("runs") / f"multi-{multi}"
        Run(cpu_fabric(), small_recipe(multi=multi), corpus, made[multi]).train()
    return made


def cover(height=70, width=90):
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("multi", [False, True])
def test_a_run_leaves_a_system_that_hides_in_covers_of_any_size(folders, corpus, multi, tmp_path):
    system = load(folders[multi] / "system")
    secret = corpus.validator.secrets[0] / 255
    write_png(tmp_path / "container.png", system.hide(secret, cover()))
    container = read_image(tmp_path / "container.png")
    assert container.shape == (3, 70, 90)
    assert 0 < (container - cover()).square().mean() < 10**-3.8
    in_another_cover = system.hide(secret, cover(64, 64))
    here, again, nothing = (system.embed(image) for image in (container, in_another_cover, cover()))
    assert (here - again).norm() < 0.2 * (here - nothing).norm()
    if multi:
        assert (system.restore(container) - secret).abs().mean() < 0.1


def test_encoder_and_heads_start_as_the_secret_classifier(corpus, tmp_path):
    recipe = small_recipe(multi=False)
    run = Run(cpu_fabric(), recipe, corpus, tmp_path / "run")
    secret_classifier = run._secret_classifier()
    networks = run._networks(secret_classifier)
    expected = secret_classifier.state_dict()
    encoder = networks.generator.encoder.state_dict()
    assert all(torch.equal(encoder[name], expected[name]) for name in expected if name != "head")
    assert all(torch.equal(classifier.head, expected["head"]) for classifier in networks.classifiers)


@pytest.mark.parametrize("multi", [False, True])
def test_resume_equals_uninterrupted(folders, corpus, multi, tmp_path):
    recipe, folder = small_recipe(multi=multi), tmp_path / "run"
    stops = iter([False, True])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingLoop, "_must_stop", lambda *_: next(stops, True))
        assert Run(cpu_fabric(), recipe, corpus, folder).train().system_folder is None
        patch.undo()
    while Run(cpu_fabric(), recipe, corpus, folder).train(resume=True).system_folder is None:
        pass
    (step, resumed), (_, whole) = (
        load_checkpoint(path / "minimax" / "checkpoint") for path in (folder, folders[multi])
    )
    assert step == 6
    for name, tensor in whole["task"]["networks"].items():
        assert torch.equal(resumed["task"]["networks"][name], tensor), name


def test_batch_statistics_of_the_encoder_rest(folders):
    """They are the secret classifier's; when batches of few people moved them, codes differed from batch to batch."""
    _, state = load_checkpoint(folders[False] / "minimax" / "checkpoint")
    weights = state["task"]["networks"]
    for name in weights:
        if name.startswith("generator.encoder") and "running_" in name:
            assert torch.equal(weights[name], weights[name.replace("generator.encoder", "secret_classifier")])
