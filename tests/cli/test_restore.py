import torch

from miais.image import quantize, read_image
from miais.system import load


def test_restored_file_is_what_the_system_restores_from_the_saved_container(miais, tiny_multi, picture, tmp_path):
    container, out = tmp_path / "container.png", tmp_path / "restored.png"
    assert miais("hide", picture("s.png"), picture("c.png"), "-o", container, "--model", tiny_multi).exit_code == 0
    result = miais("restore", container, "-o", out, "--model", tiny_multi, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.records == [
        {"container": str(container), "restored": str(out), "size": [32, 32], "model": str(tiny_multi)}
    ]
    assert torch.equal(read_image(out), quantize(load(tiny_multi).restore(read_image(container))))


def test_lossy_name_is_refused_for_what_is_restored(miais, tiny_multi, picture, tmp_path):
    """The message once spoke of "what a container hides", which this file is not."""
    result = miais("restore", picture("c.png"), "-o", tmp_path / "face.jpg", "--model", tiny_multi)
    assert result.exit_code == 2
    assert "lossy formats change what was restored; write 'face.png' instead" in " ".join(result.stderr.split())


def test_system_without_a_restorer_exits_with_1_and_says_what_to_use(miais, tiny, picture, tmp_path):
    result = miais("restore", picture("c.png"), "-o", tmp_path / "restored.png", "--model", tiny)
    assert result.exit_code == 1
    assert "use a multitask system" in result.stderr
    assert not (tmp_path / "restored.png").exists()


def test_picture_in_which_nothing_is_hidden_is_not_restored(miais, picture, tmp_path):
    result = miais("restore", picture("c.png"), "-o", tmp_path / "restored.png", "--model", "lfw-multi")
    assert result.exit_code == 1
    assert "c.png: expected a container that lfw-multi can read" in " ".join(result.stderr.split())
    assert not (tmp_path / "restored.png").exists()
