"""A stranger's recogniser: of a system, or of a run that is not over."""

import json
from dataclasses import asdict

import pytest
import torch
from support.systems import tiny_card, tiny_system

from miais.experiments.privacy.recognizer import load_recognizer, own_recognizer, refuse_insider
from miais.network_kinds import CLASSIFIERS
from miais.networks.spec import build_network
from miais.system import load
from miais.training.checkpoint import save_checkpoint

CPU = torch.device("cpu")


def test_that_of_a_system_has_the_hash_of_its_file(tmp_path):
    folder = tiny_system(tmp_path / "system")
    recognizer, system = load_recognizer(str(folder), CPU), load(folder)
    assert recognizer.hash == system.card.files["secret_classifier.safetensors"]
    images = torch.randint(256, (3, 3, 48, 40), dtype=torch.uint8)
    vectors = recognizer.embed(images, lambda *told: None)
    assert torch.allclose(vectors, system.embed_secret(images.float() / 255), atol=1e-6)
    with pytest.raises(ValueError, match="no part in the making"):
        refuse_insider(recognizer, system)


def test_that_of_a_run_before_its_pretraining_is_over(tmp_path):
    spec = tiny_card().networks["classifier"]
    network = build_network(spec, CLASSIFIERS, num_identities=5)
    networks = {"image_size": 32, "secret_classifier": None, "classifier": asdict(spec)}
    settings = {"recipe": {"name": "small", "networks": networks}, "data": {"identities": 5}}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    save_checkpoint(tmp_path / "pretrain" / "best", 3, network.state_dict())
    recognizer = load_recognizer(str(tmp_path), CPU)
    assert (recognizer.name, recognizer.image_size) == ("small", 32)
    assert not recognizer.network.training
    system = load(tiny_system(tmp_path / "system"))
    assert recognizer.hash != own_recognizer(system).hash
    refuse_insider(recognizer, system)


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"card\.json"):
        load_recognizer(str(tmp_path), CPU)
    (tmp_path / "settings.json").write_text("{}")
    with pytest.raises(ValueError, match="settings of a run"):
        load_recognizer(str(tmp_path), CPU)
