"""Whole runs of the `digits` recipe, shrunk: six steps of pretraining, six of Algorithm 1."""

import importlib.util
import json
import signal
from dataclasses import replace
from operator import attrgetter

import pytest
import torch
from support.small_training import cpu_fabric

from miais.networks.spec import NetworkSpec
from miais.recipes import get_recipe
from miais.system import load
from miais.training.checkpoint import load_checkpoint
from miais.training.corpus import open_corpus
from miais.training.objective_settings import GeneratorWeights
from miais.training.run import Run
from miais.training.settings import OptimizerSettings, PhaseSettings, TransitSettings

pytestmark = pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="the covers come with scikit-image")
STEPS = 6


def shrunk_recipe(*, multi=False, optimizer="adamw", schedule="plateau", start="A"):
    """Dropout, noise layers, drawn sizes, both sides of the hiding threshold: all that must resume."""
    recipe = get_recipe("digits")
    width = {"image_size": 32, "width": 8}
    classifier = NetworkSpec("residue", {**width, "embedding_dim": 16, "dropout": 0.3})
    phase = PhaseSettings(steps=STEPS, validate_every=1, log_every=2)
    moves = OptimizerSettings(optimizer, lr=1e-3, schedule=schedule, clip_norm=1.0)
    weights = GeneratorWeights(discrepancy=0.1, distillation=0.1)
    return replace(
        recipe,
        networks=replace(
            recipe.networks,
            generator=NetworkSpec("residual", width),
            classifier=classifier,
            restorer=NetworkSpec("residue", width) if multi else None,
        ),
        data=replace(recipe.data, batch=2, workers=0),
        pretrain=replace(recipe.pretrain, phase=replace(phase, batch=6), optimizer=moves),
        minimax=replace(
            recipe.minimax,
            stage_b=weights,
            stage_b_above=replace(weights, visual=20.0),
            hiding_threshold=1e-3,
            joint_steps=0,
            stage_steps=2,
            first_stage=start,
        ),
        transit=TransitSettings(
            quantize=True, psnr_start_db=30.0, psnr_db=40.0, sizes=(32, 48, 64), distortions="official"
        ),
        phase=replace(phase, accumulate=2),
        generator_optimizer=moves,
        classifier_optimizer=moves,
    )


@pytest.fixture(scope="module")
def corpus():
    recipe = shrunk_recipe()
    opened = open_corpus(recipe.data, 32, None, None, torch.device("cpu"))
    few = torch.arange(0, len(opened.validator.secrets), 30)
    validator = opened.validator
    chosen = {name: getattr(validator, name)[few] for name in ("secrets", "covers", "labels")}
    return replace(opened, validator=replace(validator, **chosen))


class Interrupting:
    """A validator that stands for somebody who presses Ctrl-C after some steps of a phase."""

    def __init__(self, validator, phase, steps):
        self.validator, self.phase, self.left = validator, phase, steps

    def __getattr__(self, name):
        judge = getattr(self.validator, name)

        def score(*arguments):
            if name == self.phase:
                self.left -= 1
                if self.left == 0:
                    signal.raise_signal(signal.SIGINT)
            return judge(*arguments)

        return score


def interrupted_after(corpus, phase, steps):
    return replace(corpus, validator=Interrupting(corpus.validator, phase, steps))


def run(recipe, corpus, folder, **options):
    return Run(cpu_fabric(), recipe, corpus, folder).train(**options)


def assert_equal(found, wanted, where=""):
    assert type(found) is type(wanted), where
    if isinstance(wanted, torch.Tensor):
        assert torch.equal(found, wanted), where
    elif isinstance(wanted, dict):
        assert list(found) == list(wanted), where
        for key in wanted:
            assert_equal(found[key], wanted[key], f"{where}/{key}")
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), where
        for index, (one, other) in enumerate(zip(found, wanted, strict=True)):
            assert_equal(one, other, f"{where}/{index}")
    else:
        assert found == wanted, where


VARIANTS = {
    "adamw, plateau": {},
    "multitask, sgd": {"multi": True, "optimizer": "sgd", "start": "B"},
    "adam, cosine": {"optimizer": "adam", "schedule": "cosine"},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_six_steps_are_three_and_resume_and_three_bit_for_bit(tmp_path, corpus, variant):
    recipe = shrunk_recipe(**VARIANTS[variant])
    whole = run(recipe, corpus, tmp_path / "whole")
    assert all(result.finished for result in whole.phases.values())

    parts = tmp_path / "parts"
    outcome = run(recipe, interrupted_after(corpus, "recognizer", 3), parts)
    assert list(outcome.phases) == ["pretrain"]
    assert (outcome.phases["pretrain"].steps, outcome.phases["pretrain"].interrupted) == (3, True)
    outcome = run(recipe, interrupted_after(corpus, "hiding", 3), parts, resume=True)
    # Steps 0 to 2 are A, A, B or B, B, A: the interruption lies in the middle of a stage.
    assert (outcome.phases["minimax"].steps, outcome.phases["minimax"].interrupted) == (3, True)
    assert outcome.system_folder is None
    state = load_checkpoint(parts / "minimax" / "checkpoint")[1]["task"]
    assert state["threshold"]["count"] == (2 if recipe.minimax.first_stage == "A" else 0)
    outcome = run(recipe, corpus, parts, resume=True)
    assert outcome.phases["minimax"].finished

    for phase in ("pretrain", "minimax"):
        for kind in ("checkpoint", "best"):
            found, wanted = (load_checkpoint(folder / phase / kind) for folder in (parts, tmp_path / "whole"))
            assert found[0] == wanted[0]
            assert (found[1].pop("seconds", None) is None) == (wanted[1].pop("seconds", None) is None)
            assert_equal(found[1], wanted[1], phase)
        moved = wanted[1]
        assert any(tensor.abs().sum() > 0 for tensor in moved.values())
    assert outcome.phases["minimax"].best_score == whole.phases["minimax"].best_score
    systems = [load(folder) for folder in (whole.system_folder, outcome.system_folder)]
    picture = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert torch.equal(*(system.hide(picture, picture.flip(0)) for system in systems))


def test_a_run_ends_in_a_system_with_its_card(tmp_path, corpus):
    recipe = shrunk_recipe(multi=True)
    outcome = run(recipe, corpus, tmp_path)
    assert outcome.system_folder == tmp_path / "system"
    system = load(tmp_path / "system")
    card = system.card
    assert (card.name, card.task, card.image_size, card.num_identities, card.psnr_db) == ("digits", "multi", 32, 10, 40)
    assert set(card.networks) == {"generator", "classifier", "secret_classifier", "restorer"}
    training = card.training
    assert training["recipe"]["phase"]["steps"] == STEPS
    assert training["data"]["secrets"] == "digits"
    assert training["phases"]["minimax"]["steps"] == STEPS
    assert json.dumps(training)
    best = load_checkpoint(tmp_path / "minimax" / "best")[1]
    for number in (0, 1):
        head = system.classifiers[number].head
        assert torch.equal(head, best[f"classifiers.{number}.head"])
    v = load_checkpoint(tmp_path / "pretrain" / "best")[1]
    assert torch.equal(system.secret_classifier.head, v["head"])
    assert torch.equal(best["secret_classifier.head"], v["head"])


def test_both_steg_classifiers_start_as_the_secret_classifier(corpus, tmp_path):
    runner = Run(cpu_fabric(), shrunk_recipe(), corpus, tmp_path)
    secret_classifier = runner._secret_classifier()
    networks = runner._networks(secret_classifier)
    assert networks.secret_classifier is secret_classifier
    for classifier in networks.classifiers:
        assert classifier is not secret_classifier
        assert_equal(dict(classifier.state_dict()), dict(secret_classifier.state_dict()))


def test_a_folder_with_a_run_is_refused_and_left_as_it_was(tmp_path, corpus):
    recipe = shrunk_recipe()
    run(recipe, corpus, tmp_path, minutes=0)
    before = load_checkpoint(tmp_path / "pretrain" / "checkpoint")
    with pytest.raises(FileExistsError, match=r"has a run already; add --resume .*, or choose another --out"):
        run(recipe, corpus, tmp_path)
    assert_equal(load_checkpoint(tmp_path / "pretrain" / "checkpoint")[1], before[1])


def test_resuming_nothing_is_a_clear_error(tmp_path, corpus):
    with pytest.raises(FileNotFoundError, match=r"expected a checkpoint in .*pretrain, found none; train without"):
        run(shrunk_recipe(), corpus, tmp_path, resume=True)
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_not_resumed_with_other_settings(tmp_path, corpus):
    """It went on without a word, and the card claimed the new settings for the whole run."""
    recipe = shrunk_recipe()
    run(recipe, corpus, tmp_path, minutes=0)
    other = replace(recipe, seed=5, data=replace(recipe.data, batch=4))
    with pytest.raises(
        ValueError, match=r"other settings: recipe.data.batch was 2, now 4; recipe.seed was .*, now 5\."
    ):
        run(other, corpus, tmp_path, resume=True)
    less_data = replace(corpus, description={**corpus.description, "images": 7})
    with pytest.raises(ValueError, match=r"data.images was \d+, now 7"):
        run(recipe, less_data, tmp_path, resume=True)
    assert load_checkpoint(tmp_path / "pretrain" / "checkpoint")[0] == 1
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(ValueError, match=r"expected the settings of the run in .*settings.json, cannot read"):
        run(recipe, corpus, tmp_path, resume=True)


def test_a_run_that_never_saved_can_simply_be_started_again(tmp_path, corpus):
    (tmp_path / "pretrain" / "logs").mkdir(parents=True)
    (tmp_path / "pretrain" / "checkpoint" / ".unfinished").mkdir(parents=True)
    assert run(shrunk_recipe(), corpus, tmp_path, minutes=0).phases["pretrain"].steps == 1


def test_minutes_end_the_run_where_they_are_over(tmp_path, corpus):
    outcome = run(shrunk_recipe(), corpus, tmp_path, minutes=0)
    assert list(outcome.phases) == ["pretrain"]
    assert outcome.phases["pretrain"].steps == 1
    assert outcome.system_folder is None


def test_ctrl_c_in_the_last_pretraining_step_ends_the_run_too(tmp_path, corpus):
    recipe = shrunk_recipe()
    outcome = run(recipe, interrupted_after(corpus, "recognizer", STEPS), tmp_path)
    assert list(outcome.phases) == ["pretrain"]
    assert outcome.phases["pretrain"].finished


def test_another_runs_secret_classifier_can_be_taken(tmp_path, corpus):
    recipe = shrunk_recipe()
    run(recipe, interrupted_after(corpus, "recognizer", STEPS), tmp_path / "first")
    taken = Run(cpu_fabric(), recipe, corpus, tmp_path / "second", start_from=tmp_path / "first")
    stopped = replace(taken.corpus, validator=Interrupting(corpus.validator, "hiding", 1))
    taken.corpus = stopped
    outcome = taken.train()
    assert list(outcome.phases) == ["minimax"]
    v = load_checkpoint(tmp_path / "first" / "pretrain" / "best")[1]
    state = load_checkpoint(tmp_path / "second" / "minimax" / "checkpoint")[1]["task"]["networks"]
    assert torch.equal(state["secret_classifier.head"], v["head"])
    with pytest.raises(FileNotFoundError, match="give its --start-from again"):
        run(recipe, corpus, tmp_path / "second", resume=True)


def test_a_systems_secret_classifier_can_be_taken_and_the_card_says_so(tmp_path, corpus):
    recipe = shrunk_recipe()
    first = run(recipe, corpus, tmp_path / "first")
    outcome = Run(cpu_fabric(), recipe, corpus, tmp_path / "second", start_from=first.system_folder).train()
    assert list(outcome.phases) == ["minimax"]
    systems = [load(folder) for folder in (first.system_folder, outcome.system_folder)]
    assert_equal(*(dict(system.secret_classifier.state_dict()) for system in systems))
    earlier, later = (system.card for system in systems)
    assert 1 <= earlier.training["secret_classifier"]["pretraining_step"] <= STEPS
    assert later.training["secret_classifier"] == {
        "system": "digits",
        "system_hash": earlier.system_hash,
        "pretrain": earlier.training["phases"]["pretrain"],
    }


def test_a_whole_system_can_be_trained_further_and_the_card_says_so(tmp_path, corpus):
    recipe = shrunk_recipe(multi=True)
    first = run(recipe, corpus, tmp_path / "first").system_folder
    none = replace(recipe.generator_optimizer, lr=1e-60)  # too little for any float32
    still = replace(recipe, generator_optimizer=none, classifier_optimizer=none)
    further = Run(cpu_fabric(), still, corpus, tmp_path / "second", start_from=first, start_with="all")
    earlier, later = load(first), load(further.train().system_folder)
    for network in (
        attrgetter("generator"),
        attrgetter("restorer"),
        attrgetter("secret_classifier"),
        lambda system: system.classifiers[0],
    ):
        assert_equal(*(dict(network(system).named_parameters()) for system in (earlier, later)))
    assert later.card.training["all_networks"] == {
        "system": "digits",
        "system_hash": earlier.card.system_hash,
        "commit": earlier.card.training["commit"],
        "minimax": earlier.card.training["phases"]["minimax"],
    }


def test_a_secret_classifier_can_be_trained_further_first_and_the_card_says_so(tmp_path, corpus):
    recipe = shrunk_recipe()
    first = run(recipe, corpus, tmp_path / "first").system_folder
    none = replace(recipe.pretrain.optimizer, lr=1e-60)  # too little for any float32
    still = replace(recipe, seed=9, pretrain=replace(recipe.pretrain, optimizer=none))
    further = {
        name: Run(cpu_fabric(), one, corpus, tmp_path / name, start_from=first, start_with="pretraining").train()
        for name, one in (("still", still), ("moved", recipe))
    }
    before, *after = (
        dict(load(folder).secret_classifier.named_parameters())
        for folder in (first, *(outcome.system_folder for outcome in further.values()))
    )
    assert_equal(before, after[0])
    assert any(not torch.equal(parameter, after[1][name]) for name, parameter in before.items())
    assert further["moved"].phases["pretrain"].steps == STEPS
    card = load(further["moved"].system_folder).card
    assert card.training["pretraining_from"]["system_hash"] == load(first).card.system_hash
    assert card.training["secret_classifier"]["pretraining_step"] <= STEPS
    third = Run(cpu_fabric(), recipe, corpus, tmp_path / "third", start_from=further["moved"].system_folder).train()
    assert load(third.system_folder).card.training["secret_classifier"]["earlier"] == card.training["pretraining_from"]


@pytest.mark.parametrize("start_with", ["pretraining", "all"])
def test_nothing_is_taken_from_nowhere(tmp_path, corpus, start_with):
    with pytest.raises(ValueError, match="expected a run or system to start from"):
        Run(cpu_fabric(), shrunk_recipe(), corpus, tmp_path, start_with=start_with)


def test_a_run_is_no_system_to_train_further(tmp_path, corpus):
    recipe = shrunk_recipe()
    run(recipe, interrupted_after(corpus, "recognizer", STEPS), tmp_path / "first")
    further = Run(cpu_fabric(), recipe, corpus, tmp_path / "second", start_from=tmp_path / "first", start_with="all")
    with pytest.raises(FileNotFoundError, match="card"):
        further.train()


def test_a_secret_classifier_that_does_not_fit_is_refused(tmp_path, corpus):
    run(shrunk_recipe(), interrupted_after(corpus, "recognizer", STEPS), tmp_path / "first")
    recipe = shrunk_recipe()
    wider = replace(recipe.networks.classifier, arguments={**recipe.networks.classifier.arguments, "width": 16})
    recipe = replace(recipe, networks=replace(recipe.networks, classifier=wider))
    with pytest.raises(ValueError, match=r"the secret classifier of .*first does not fit this recipe's"):
        Run(cpu_fabric(), recipe, corpus, tmp_path / "second", start_from=tmp_path / "first").train()


def test_half_precision_with_loss_scaling_is_refused(tmp_path, corpus):
    fabric = cpu_fabric()
    fabric.strategy.precision = type("HalfPrecision", (), {"precision": "16-mixed"})()
    with pytest.raises(ValueError, match=r"16-mixed.*bf16-mixed"):
        Run(fabric, shrunk_recipe(), corpus, tmp_path)
