import json

import pytest
import torch

from miais.networks.recognizers import RECOGNIZERS
from miais.networks.spec import NetworkSpec, build_network
from miais.recognizer import give_head, load_recognizer, read_recognizer, save_recognizer

SPECS = {
    "residue": NetworkSpec("residue", {"image_size": 32, "width": 8, "embedding_dim": 16}),
    "inception": NetworkSpec("inception", {"backbone": "test_resnet", "embedding_dim": 24}),
}


def network(kind, people=5, seed=0):
    torch.manual_seed(seed)
    return build_network(SPECS[kind], RECOGNIZERS, num_identities=people).eval()


def images():
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("kind", list(SPECS))
def test_recogniser_of_other_people_comes_back_but_for_its_head(tmp_path, kind):
    saved, again = network(kind), network(kind, people=9, seed=1)
    save_recognizer(saved, SPECS[kind], tmp_path / "mine")
    assert read_recognizer(tmp_path / "mine") == SPECS[kind]
    head = {name: tensor.clone() for name, tensor in again.state_dict().items() if name.startswith("head")}
    load_recognizer(again, tmp_path / "mine")
    assert torch.equal(again(images()).embedding, saved(images()).embedding)
    assert head
    assert all(torch.equal(again.state_dict()[name], tensor) for name, tensor in head.items())


@pytest.mark.parametrize("kind", list(SPECS))
def test_head_of_means_gives_scaled_cosines(kind):
    recognizer = network(kind)
    dimensions = SPECS[kind].arguments["embedding_dim"]
    means = torch.randn(5, dimensions, generator=torch.Generator().manual_seed(3))
    give_head(recognizer, means)
    answer = recognizer(images())
    cosines = torch.cosine_similarity(answer.embedding[:, None], means[None], dim=2)
    torch.testing.assert_close(answer.logits, 32 * cosines, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(
    "content",
    ["no JSON", "[]", '{"format": 2, "kind": "residue"}', '{"format": 1, "kind": "lattice"}', '{"format": 1}',
     '{"format": 1, "kind": "residue", "arguments": [1]}', '{"format": 1, "kind": "residue", "width": 8}'],
)  # fmt: skip
def test_description_that_cannot_be_understood_is_refused(tmp_path, content):
    (tmp_path / "recognizer.json").write_text(content)
    with pytest.raises(ValueError, match=r"not the description of a recogniser.*docs/recognizer\.md"):
        read_recognizer(tmp_path)


def test_folder_without_a_recogniser_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"recognizer\.json"):
        read_recognizer(tmp_path)


def test_weights_of_another_network_are_refused(tmp_path):
    save_recognizer(network("residue"), SPECS["residue"], tmp_path)
    with pytest.raises(ValueError, match="not the weights"):
        load_recognizer(network("inception"), tmp_path)
    (tmp_path / "recognizer.safetensors").write_bytes(b"broken")
    with pytest.raises(ValueError, match="not the weights"):
        load_recognizer(network("residue"), tmp_path)


def test_description_is_json_that_people_can_write(tmp_path):
    save_recognizer(network("inception"), SPECS["inception"], tmp_path)
    expected = {"format": 1, "kind": "inception", "arguments": {"backbone": "test_resnet", "embedding_dim": 24}}
    assert json.loads((tmp_path / "recognizer.json").read_text()) == expected
