"""Training of peers: their own losses, their critics, and recognition beside them."""

import importlib.util
import math
from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from support.peers import CRITICS, SIZES
from support.small_training import SIZE, constant_validation, cpu_fabric, small_batch, small_networks, small_recipe

from miais.image import from_uint8, quantize
from miais.networks.spec import NetworkSpec
from miais.peers import PEERS
from miais.recipes import get_recipe
from miais.system import load
from miais.training.corpus import open_corpus
from miais.training.minimax import identity_loss
from miais.training.objective_settings import GeneratorWeights
from miais.training.peer import PeerTask
from miais.training.run import Run
from miais.training.settings import PeerSettings, PhaseSettings


def peer_recipe(name, *, identity=1.0, steps=4):
    """The recipe of a peer on small networks."""
    spec = NetworkSpec("peer", {"method": name, **SIZES[name]})
    recipe = small_recipe(f"peer_{name}", steps=steps)
    joint = GeneratorWeights(identity=identity)
    return replace(
        recipe,
        networks=replace(recipe.networks, generator=spec, restorer=spec),
        minimax=replace(recipe.minimax, joint=joint, joint_steps=steps),
        peer=PeerSettings(critic_arguments={"width": 4} if name in CRITICS else {}),
    )


def peer_task(recipe):
    networks = small_networks(recipe)
    networks.restorer.share(networks.generator)
    return PeerTask(cpu_fabric(), networks, recipe, constant_validation)


def moved(networks, before):
    return {role for role, network in networks.by_role().items() if state(network) != before[role]}


def state(network):
    return {name: tensor.tolist() for name, tensor in network.named_parameters()}


@pytest.mark.parametrize("name", PEERS)
def test_peer_and_first_classifier_move_together_and_nothing_else(name):
    task = peer_task(peer_recipe(name))
    before = {role: state(network) for role, network in task.networks.by_role().items()}
    log = task.step(0, [small_batch()])
    assert moved(task.networks, before) == {"generator", "restorer", "classifier_1"}
    critic = {"joint/critic"} if name in CRITICS else set()
    assert (
        set(log) == {"joint/native", "joint/identity", "joint/visual", "joint/restoration", "loss", "skipped"} | critic
    )
    assert task.networks.restorer.peer is task.networks.generator.peer


def test_alone_a_peer_moves_without_the_classifier():
    task = peer_task(peer_recipe("stegnet", identity=0.0))
    before = {role: state(network) for role, network in task.networks.by_role().items()}
    log = task.step(0, [small_batch()])
    assert moved(task.networks, before) == {"generator", "restorer"}
    assert log["loss"] == pytest.approx(3 * log["joint/native"])


@pytest.mark.parametrize("name", ["stegnet", "hinet"])
def test_the_loss_is_the_peers_own_and_that_of_recognition(name):
    """Three times the native loss, of a sum its mean over all values, and L_id of the container in 8 bits."""
    recipe = peer_recipe(name)
    task, batch = peer_task(recipe), small_batch()
    networks = task.networks
    networks.enter_stage("joint", fixed="train")
    secrets, covers = from_uint8(batch.secrets), from_uint8(batch.covers)
    random = torch.Generator().manual_seed(task._seed(0, 0))
    passage = networks.generator.peer(secrets, covers, random=random)
    native = float(PEERS[name].native_loss(secrets, covers, passage).detach())
    native /= secrets.numel() if name == "hinet" else 1
    answer = networks.classifiers[0](quantize(passage.container))
    identity = float(identity_loss(answer, batch.labels, recipe.minimax.losses.identity).detach())
    log = peer_task(recipe).step(0, [batch])
    assert log["joint/native"] == pytest.approx(native, rel=1e-3)
    assert log["joint/identity"] == pytest.approx(identity, rel=1e-3)
    assert log["loss"] == pytest.approx(3 * native + identity, rel=1e-3)


@pytest.mark.parametrize("name", CRITICS)
def test_a_critic_learns_on_every_batch_and_is_resumed(name):
    task = peer_task(peer_recipe(name))
    before = state(task.critic.network)
    task.step(0, [small_batch()])
    assert state(task.critic.network) != before
    again = peer_task(peer_recipe(name))
    again.load_state_dict(deepcopy(task.state_dict()))
    assert task.step(1, [small_batch(1)]) == again.step(1, [small_batch(1)])
    assert state(again.critic.network) == state(task.critic.network)


def test_a_batch_that_is_not_finite_moves_no_critic():
    task = peer_task(peer_recipe("hidden"))
    task.networks.generator.peer.generator.writer[-1].weight.data.fill_(torch.nan)
    before = state(task.critic.network)
    assert task.step(0, [small_batch()])["skipped"] == 1
    assert state(task.critic.network) == before


def test_a_peer_has_no_stages_and_needs_its_networks():
    recipe = peer_recipe("udh")
    staged = replace(recipe, minimax=replace(recipe.minimax, joint_steps=1))
    with pytest.raises(ValueError, match=r"a peer has no stages; expected minimax\.joint_steps of 4"):
        peer_task(staged)
    painter = replace(recipe, networks=small_recipe("paper_multi").networks)
    with pytest.raises(ValueError, match="expected networks of the kind 'peer'"):
        PeerTask(cpu_fabric(), small_networks(painter), painter, constant_validation)


@pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="the covers come with scikit-image")
@pytest.mark.parametrize("name", ["hinet", "steganogan"])
def test_a_run_ends_with_a_system_and_resumes_exactly(name, tmp_path):
    recipe = peer_recipe(name)
    phase = PhaseSettings(steps=4, validate_every=2)
    recipe = replace(recipe, pretrain=replace(get_recipe("digits").pretrain, phase=replace(phase, batch=6)))
    corpus = open_corpus(recipe.data, SIZE, None, None, torch.device("cpu"))
    few = torch.arange(0, len(corpus.validator.secrets), 40)
    chosen = {part: getattr(corpus.validator, part)[few] for part in ("secrets", "covers", "labels")}
    corpus = replace(corpus, validator=replace(corpus.validator, **chosen))
    whole = Run(cpu_fabric(), recipe, corpus, tmp_path / "whole").train()
    stopped = Run(cpu_fabric(), recipe, corpus, tmp_path / "stopped")
    assert stopped.train(minutes=0).system_folder is None
    again = None
    while again is None:  # a step at a time
        again = stopped.train(resume=True, minutes=0).system_folder
    one, other = load(whole.system_folder), load(again)
    assert one.card.system_hash == other.card.system_hash
    secret, cover = torch.rand(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    container = one.hide(secret, cover)
    assert torch.equal(one.restore(container), other.restore(container))
    assert one.card.task == "multi"


def test_pressure_weighs_a_peers_own_losses():
    recipe = peer_recipe("stegnet")
    task = peer_task(replace(recipe, minimax=replace(recipe.minimax, pressure=0.5, hiding_threshold=1e-6)))
    factor = task.step(0, [small_batch()])["pressure"]
    assert factor == pytest.approx(math.exp(0.5))
    log = task.step(1, [small_batch(1)])
    assert log["loss"] == pytest.approx(3 * factor * log["joint/native"] + log["joint/identity"], rel=1e-5)
    assert log["joint/visual"] > 0
    assert log["joint/restoration"] > 0
