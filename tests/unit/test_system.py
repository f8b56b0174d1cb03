import errno
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from support.systems import tiny_card, tiny_system

import miais.system_folder
from miais.card import read_card, sha256_of, write_card
from miais.image import quantize, read_image, write_png
from miais.networks.spec import NetworkSpec
from miais.system import StegoSystem, load
from miais.system_folder import bundled_systems

SIZES = (64, 97, 128, 255, 400, 640)
ASPECTS = ((1, 1), (3, 4), (2, 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_system(tmp_path_factory.mktemp("systems") / "tiny")


@pytest.fixture(scope="module")
def multi_folder(tmp_path_factory):
    return tiny_system(tmp_path_factory.mktemp("systems") / "tiny-multi", multi=True)


@pytest.fixture(scope="module")
def system(folder):
    return load(folder)


@pytest.fixture
def own_folder(folder, tmp_path):
    """A copy to damage."""
    return Path(shutil.copytree(folder, tmp_path / "tiny"))


def picture(height, width, *batch, seed=0):
    """On the grid of 8 bits, away from black and white."""
    return quantize(0.2 + 0.6 * torch.rand(*batch, 3, height, width, generator=torch.Generator().manual_seed(seed)))


def sign_again(folder):
    """Make the card state the hashes of the files as they are now."""
    files = {path.name: sha256_of(path) for path in folder.glob("*.safetensors")}
    write_card(folder, replace(read_card(folder), files=files))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class TestHide:
    @pytest.mark.parametrize("aspect", ASPECTS)
    @pytest.mark.parametrize("size", SIZES)
    def test_container_has_the_covers_size_and_lies_on_the_8_bit_grid(self, system, size, aspect):
        height, width = size * aspect[0] // max(aspect), size * aspect[1] // max(aspect)
        cover = picture(height, width)
        container = system.hide(picture(50, 40, seed=1), cover)
        assert container.shape == cover.shape
        assert container.dtype == torch.float32
        assert torch.equal(container, quantize(container))
        assert not torch.equal(container, cover)

    @pytest.mark.parametrize("size", [(64, 4000), (4000, 64), (9, 13), (32, 32)])
    def test_extreme_covers_work_too(self, system, size):
        cover = picture(*size)
        container = system.hide(picture(20, 20, seed=1), cover)
        assert container.shape == cover.shape
        assert system.embed(container).isfinite().all()

    def test_the_psnr_budget_holds_up_to_the_rounding(self, system):
        # Rounding to 8 bits adds an error of at most 1/12 of a squared level where it is independent.
        cover = picture(100, 80, 3)
        errors = (system.hide(picture(32, 32, 3, seed=1), cover) - cover).square().mean(dim=(1, 2, 3))
        assert (errors <= 10 ** (-40 / 10) + 1.1 / 12 / 255**2).all()
        assert (errors > 0).all()

    def test_strength_zero_returns_the_cover_and_more_changes_more(self, system):
        secret, cover = picture(40, 40, seed=1), picture(70, 90)
        assert torch.equal(system.hide(secret, cover, strength=0), cover)
        changes = [(system.hide(secret, cover, strength=strength) - cover).abs().mean() for strength in (0.5, 1, 3)]
        assert 0 < changes[0] < changes[1] < changes[2]

    def test_a_batch_is_hidden_as_its_images_are_alone(self, system):
        secrets, covers = picture(40, 50, 3, seed=1), picture(70, 90, 3)
        together = system.hide(secrets, covers)
        alone = torch.stack([system.hide(*pair) for pair in zip(secrets, covers, strict=True)])
        assert together.shape == (3, 3, 70, 90)
        # A different batch size may round a sum differently, and so an 8-bit level where it lies half-way.
        assert (together - alone).abs().max() <= 1.01 / 255
        assert (together != alone).float().mean() < 1e-3
        apart = torch.cat([system.embed(image) for image in together])
        torch.testing.assert_close(system.embed(together), apart, rtol=0, atol=1e-4)

    def test_the_shape_of_the_cover_decides_about_the_batch_dimension(self, system):
        secret, cover = picture(32, 32, seed=1), picture(64, 64)
        assert system.hide(secret[None], cover).shape == (3, 64, 64)
        assert system.hide(secret, cover[None]).shape == (1, 3, 64, 64)

    @pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
    def test_other_floating_types_work(self, system, dtype):
        """At the networks' own size they once passed unconverted and failed inside a convolution."""
        secret, cover = picture(32, 32, seed=1).to(dtype), picture(32, 32).to(dtype)
        container = system.hide(secret, cover)
        assert torch.equal(container, system.hide(secret.float(), cover.float()))
        assert system.embed(container.to(dtype)).dtype == torch.float32

    def test_inputs_are_left_as_they_were(self, system):
        secret, cover = picture(32, 32, seed=1), picture(32, 32)
        before = secret.clone(), cover.clone()
        system.hide(secret, cover)
        assert torch.equal(secret, before[0])
        assert torch.equal(cover, before[1])

    @pytest.mark.parametrize("strength", [-0.1, 10.5, float("nan")])
    def test_a_bad_strength_is_refused(self, system, strength):
        with pytest.raises(ValueError, match=rf"strength in \[0, 10\], got {strength}"):
            system.hide(picture(32, 32), picture(32, 32), strength=strength)

    def test_uneven_batches_are_refused(self, system):
        with pytest.raises(ValueError, match="got 2 secrets and 3 covers"):
            system.hide(picture(32, 32, 2), picture(32, 32, 3))

    @pytest.mark.parametrize(
        ("cover", "message"),
        [
            (
                torch.zeros(1, 32, 32),
                r"the cover as float of shape \(3, H, W\).*got torch.float32 of shape \(1, 32, 32",
            ),
            (torch.zeros(32, 32), r"of shape \(32, 32\)"),
            (torch.zeros(0, 3, 32, 32), r"of shape \(0, 3, 32, 32\)"),
            (torch.zeros(3, 0, 32), r"of shape \(3, 0, 32\)"),
            (torch.zeros(3, 32, 32, dtype=torch.uint8), "got torch.uint8"),
            (torch.full((3, 32, 32), 255.0), r"the cover in \[0, 1\], got 255 to 255; rescale"),
            (torch.full((3, 32, 32), -1.0), r"the cover in \[0, 1\], got -1 to -1"),
            (torch.full((3, 32, 32), float("nan")), r"the cover in \[0, 1\], got nan"),
        ],
    )
    def test_what_is_no_picture_is_refused(self, system, cover, message):
        """Levels up to 255 as floats once gave a white container without a word."""
        with pytest.raises(ValueError, match=message):
            system.hide(picture(32, 32), cover)


class TestEmbed:
    def test_a_saved_file_is_the_container_in_memory(self, system, tmp_path):
        container = system.hide(picture(32, 32, seed=1), picture(75, 61))
        write_png(tmp_path / "container.png", container)
        seen = read_image(tmp_path / "container.png")
        assert torch.equal(seen, container)
        assert torch.equal(system.embed(seen), system.embed(container))

    def test_embeddings_are_unit_vectors_of_both_classifiers(self, system):
        containers = picture(50, 60, 4)
        embeddings = system.embed(containers)
        assert embeddings.shape == (4, 2 * 16)
        torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(4))
        halves = embeddings.view(4, 2, 16).norm(dim=2)
        torch.testing.assert_close(halves, torch.full((4, 2), 0.5**0.5))
        assert torch.pdist(embeddings).min() > 1e-3
        torch.testing.assert_close(system.embed(containers[0]), embeddings[:1], rtol=0, atol=1e-4)

    def test_embeddings_of_secrets_come_from_the_secret_classifier(self, system):
        secrets = picture(50, 60, 4)
        embeddings = system.embed_secret(secrets)
        assert embeddings.shape == (4, 16)
        torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(4))
        assert (embeddings - system.embed(secrets)[:, :16]).abs().max() > 0.01


class TestRestore:
    def test_restored_has_the_systems_size_and_range(self, multi_folder):
        system = load(multi_folder)
        restored = system.restore(picture(70, 50, 2))
        assert restored.shape == (2, 3, 32, 32)
        assert restored.min() >= 0
        assert restored.max() <= 1
        assert restored.std() > 0
        torch.testing.assert_close(system.restore(picture(70, 50, 2)[0]), restored[0])

    def test_a_single_task_system_says_that_it_cannot(self, system):
        with pytest.raises(ValueError, match=r"'tiny' is single-task.*use a multitask system"):
            system.restore(picture(32, 32))


class TestSaveAndLoad:
    def test_a_loaded_system_does_bit_for_bit_what_the_saved_one_did(self, tmp_path):
        torch.manual_seed(3)
        saved = StegoSystem.build(tiny_card(multi=True))
        card = saved.save(tmp_path / "new" / "system")
        loaded = load(tmp_path / "new" / "system")
        assert loaded.card == card == saved.card
        assert sorted(card.files) == [
            "classifier_1.safetensors",
            "classifier_2.safetensors",
            "generator.safetensors",
            "restorer.safetensors",
            "secret_classifier.safetensors",
        ]
        secret, cover = picture(40, 40, seed=1), picture(70, 90)
        container = saved.hide(secret, cover)
        assert torch.equal(loaded.hide(secret, cover), container)
        assert torch.equal(loaded.embed(container), saved.embed(container))
        assert torch.equal(loaded.embed_secret(secret), saved.embed_secret(secret))
        assert torch.equal(loaded.restore(container), saved.restore(container))

    def test_other_weights_have_another_hash(self, folder, multi_folder, tmp_path):
        assert load(folder).card.system_hash == load(tiny_system(tmp_path / "again")).card.system_hash
        assert load(folder).card.system_hash != load(multi_folder).card.system_hash

    def test_networks_are_ready_for_use_and_frozen(self, system):
        networks = [system.generator, *system.classifiers, system.secret_classifier]
        assert not any(network.training for network in networks)
        assert not any(parameter.requires_grad for network in networks for parameter in network.parameters())
        assert system.device == torch.device("cpu")

    def test_a_newer_system_takes_the_place_of_an_older_one(self, own_folder):
        before = contents(own_folder)
        torch.manual_seed(7)
        StegoSystem.build(replace(tiny_card(), name="newer")).save(own_folder)
        assert load(own_folder).card.name == "newer"
        assert contents(own_folder).keys() == before.keys()
        assert contents(own_folder)["generator.safetensors"] != before["generator.safetensors"]
        assert [path.name for path in own_folder.parent.iterdir()] == ["tiny"]

    @pytest.mark.parametrize("function", ["save", "write_card"])
    def test_a_full_disk_leaves_the_older_system_intact(self, system, own_folder, monkeypatch, function):
        before = contents(own_folder)

        def full(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(miais.system_folder, function, full)
        with pytest.raises(OSError, match="No space left"):
            system.save(own_folder)
        assert contents(own_folder) == before
        assert [path.name for path in own_folder.parent.iterdir()] == ["tiny"]

    def test_the_older_system_comes_back_if_the_new_one_cannot_take_its_place(self, system, own_folder, monkeypatch):
        """It was once deleted before the new folder got its name, and a failure there lost both."""
        before = contents(own_folder)
        rename = Path.rename

        def fail_once(path, target):
            if path.suffix == ".tmp":
                raise OSError(errno.EACCES, "Permission denied")
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", fail_once)
        with pytest.raises(OSError, match="Permission denied"):
            system.save(own_folder)
        assert contents(own_folder) == before
        assert [path.name for path in own_folder.parent.iterdir()] == ["tiny"]

    @pytest.mark.parametrize("name", ["thesis.tex", "llama.safetensors", ".git"])
    def test_a_folder_with_other_files_is_left_alone(self, system, own_folder, name):
        """Saving to a folder once deleted whatever was in it."""
        (own_folder / name).write_text("three years")
        before = contents(own_folder)
        with pytest.raises(FileExistsError, match=rf"with {name} in it; choose another folder"):
            system.save(own_folder)
        assert contents(own_folder) == before

    def test_a_single_task_system_may_replace_a_multitask_one(self, system, multi_folder, tmp_path):
        folder = Path(shutil.copytree(multi_folder, tmp_path / "tiny"))
        system.save(folder)
        assert load(folder).restorer is None
        assert not (folder / "restorer.safetensors").exists()

    def test_an_empty_folder_and_the_current_one_will_do(self, system, tmp_path, monkeypatch):
        (tmp_path / "empty").mkdir()
        system.save(tmp_path / "empty")
        monkeypatch.chdir(tmp_path / "empty")
        system.save(".")
        assert load(tmp_path / "empty").card == system.card

    @pytest.mark.parametrize("role", ["generator", "classifier_1", "classifier_2", "secret_classifier"])
    def test_a_changed_file_is_refused(self, own_folder, role):
        path = own_folder / f"{role}.safetensors"
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        with pytest.raises(ValueError, match=rf"{role}.safetensors: not the file that the card describes \(SHA-256"):
            load(own_folder)

    def test_a_file_that_the_card_does_not_know_is_refused(self, own_folder):
        write_card(own_folder, replace(read_card(own_folder), files={}))
        with pytest.raises(ValueError, match="SHA-256 differs"):
            load(own_folder)

    def test_a_missing_file_is_named(self, own_folder):
        (own_folder / "classifier_2.safetensors").unlink()
        with pytest.raises(ValueError, match=r"classifier_2.safetensors is missing; get the system's folder again"):
            load(own_folder)

    def test_weights_of_another_network_are_refused(self, own_folder):
        shutil.copy(own_folder / "classifier_1.safetensors", own_folder / "generator.safetensors")
        sign_again(own_folder)
        with pytest.raises(ValueError, match=r"(?s)generator.safetensors: cannot be loaded .*Missing key"):
            load(own_folder)

    @pytest.mark.parametrize(
        "changes",
        [
            {"num_identities": 10**15},
            {"num_identities": 10**30},
            {"networks": {**tiny_card().networks, "generator": NetworkSpec("residual", {"width": 8 * 10**8})}},
            {"networks": {**tiny_card().networks, "classifier": NetworkSpec("inception", {"backbone": 5})}},
        ],
        ids=["identities", "more than 64 bits", "width", "type"],
    )
    def test_absurd_arguments_of_networks_are_one_clear_error(self, own_folder, changes):
        """They were a RuntimeError from inside torch, or an AttributeError from inside timm."""
        write_card(own_folder, replace(read_card(own_folder), **changes))
        with pytest.raises(ValueError, match=r"^network '\w+' (cannot be made with|does not take) .*: .+$") as caught:
            load(own_folder)
        assert "\n" not in str(caught.value)  # torch appends its own stack

    @pytest.mark.parametrize("length", [0, 4, 100, -10])
    def test_a_truncated_file_is_refused_even_if_the_card_has_its_hash(self, own_folder, length):
        """The safetensors package has an error class of its own, which once came through."""
        path = own_folder / "generator.safetensors"
        path.write_bytes(path.read_bytes()[:length])
        with pytest.raises(ValueError, match="SHA-256 differs"):
            load(own_folder)
        sign_again(own_folder)
        with pytest.raises(ValueError, match=r"generator.safetensors: cannot be loaded into the card's networks"):
            load(own_folder)


class TestBundled:
    @pytest.fixture(autouse=True)
    def bundle(self, own_folder, monkeypatch, tmp_path_factory):
        monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
        monkeypatch.setattr(miais.system_folder, "BUNDLED", own_folder.parent)

    def test_a_bundled_system_is_found_by_name(self, own_folder):
        (own_folder.parent / "no-system").mkdir()
        assert bundled_systems() == ["tiny"]
        assert load("tiny").card == read_card(own_folder)

    def test_a_typo_suggests_the_near_name(self):
        with pytest.raises(
            FileNotFoundError, match=r"no system 'tinny', neither bundled nor a folder; .*mean 'tiny'\?"
        ):
            load("tinny")

    def test_another_name_lists_what_there_is(self, monkeypatch, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"bundled systems: tiny$"):
            load("facenet")
        monkeypatch.setattr(miais.system_folder, "BUNDLED", tmp_path / "none")
        assert bundled_systems() == []
        with pytest.raises(FileNotFoundError, match=r"bundled systems: none$"):
            load("facenet")

    def test_a_folder_without_a_card_is_no_system(self, tmp_path):
        (tmp_path / "empty").mkdir()
        with pytest.raises(FileNotFoundError, match=r"card.json"):
            load(tmp_path / "empty")
