import importlib.util
from dataclasses import replace

import pytest
import torch
from support.pictures import picture_bytes, write_folder, write_zip
from support.small_training import SIZE, small_networks, small_recipe

from miais.data.protocol import assigned_covers, read_protocol
from miais.training.corpus import HELD_OUT, cover_names, find_set, open_corpus
from miais.training.settings import DataSettings

CPU = torch.device("cpu")
PHOTOGRAPHS = pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="photographs of scikit-image")
TRAIN, VALIDATION, TEST = ("Ana", "Bob"), ("Eve", "Tom"), ("Uma",)
FACES = [f"{person}/{person}_{number:04d}.png" for person in (*TRAIN, *VALIDATION, *TEST) for number in (1, 2, 3)]
SEA, HILLS = [f"{number:02d}.png" for number in range(25)], [f"{number:02d}.png" for number in range(12)]
SEA_TEST, HILLS_TEST = SEA[21:], HILLS[11:]
PAIRS = (
    "fold,image_a,image_b,same\n"
    "0,Eve/Eve_0001.png,Eve/Eve_0002.png,1\n0,Eve/Eve_0001.png,Tom/Tom_0001.png,0\n"
    "1,Tom/Tom_0001.png,Tom/Tom_0003.png,1\n1,Tom/Tom_0003.png,Eve/Eve_0002.png,0\n"
)
SETTINGS = DataSettings(secrets="faces", covers=("sea", "hills"), batch=2, cover_size=24, workers=0)


def write_protocol(folder):
    folder.mkdir()
    people = {"train": TRAIN, "val": VALIDATION, "test": TEST}
    rows = [f"{person},{split},3\n" for split, members in people.items() for person in members]
    (folder / "lfw160-split.csv").write_text("identity,split,images\n" + "".join(rows))
    (folder / "lfw160-pairs-val.csv").write_text(PAIRS)
    (folder / "lfw160-pairs-test.csv").write_text("fold,image_a,image_b,same\n0,Uma/Uma_0001.png,Uma/Uma_0002.png,1\n")
    (folder / "lfw160-identification-test.csv").write_text(
        "role,identity,image\ngallery,Uma,Uma/Uma_0001.png\nprobe,Uma,Uma/Uma_0002.png\n"
    )
    parts = [("sea", SEA, SEA_TEST), ("hills", HILLS, HILLS_TEST)]
    covers = [(key, name, "test" if name in test else "train") for key, names, test in parts for name in names]
    (folder / "covers-split.csv").write_text("set,cover,split\n" + "".join(f"{','.join(row)}\n" for row in covers))


@pytest.fixture
def root(tmp_path):
    data = tmp_path / "data"
    write_folder(data / "faces", FACES)
    write_folder(data / "sea", SEA)
    write_zip(data / "hills.zip", HILLS)
    write_protocol(tmp_path / "protocol")
    return data


def open_faces(root, **changes):
    return open_corpus(replace(SETTINGS, **changes), SIZE, root, None, CPU)


def test_people_for_training_validation_and_testing_are_different(root):
    corpus = open_faces(root)
    assert corpus.secrets.identities == TRAIN
    assert len(corpus.secrets) == 6
    assert corpus.validation_secrets.identities == VALIDATION
    assert corpus.protocol is not None


def test_held_out_covers_are_every_tenth_and_never_trained_on(root):
    corpus = open_faces(root)
    train, held_out = set(corpus.covers.names), set(corpus.held_out_covers.names)
    assert not train & held_out
    assert held_out == {"sea/00.png", "sea/10.png", "sea/20.png", "hills/00.png", "hills/10.png"}
    assert HELD_OUT == 10
    everything = {f"sea/{name}" for name in SEA[:21]} | {f"hills/{name}" for name in HILLS[:11]}
    assert train | held_out == everything  # and no cover for testing


def test_validator_holds_the_protocols_pairs_and_the_assigned_held_out_covers(root):
    corpus = open_faces(root)
    validator = corpus.validator
    images = ["Eve/Eve_0001.png", "Eve/Eve_0002.png", "Tom/Tom_0001.png", "Tom/Tom_0003.png"]
    number = {name: index for index, name in enumerate(corpus.validation_secrets.names)}
    wanted = torch.stack([corpus.validation_secrets.pixels(number[name]) for name in images])
    assert torch.equal(validator.secrets, wanted)
    pairs = validator.pairs
    assert [images[index] for index in pairs.first.tolist()] == [images[0], images[0], images[2], images[3]]
    assert [images[index] for index in pairs.second.tolist()] == [images[1], images[2], images[3], images[1]]
    assert pairs.same.tolist() == [True, False, True, False]
    assert pairs.fold.tolist() == [0, 0, 1, 1]
    assigned = assigned_covers([f"{number[name]:06d}" for name in images], corpus.held_out_covers.names)
    covers = {name: index for index, name in enumerate(corpus.held_out_covers.names)}
    first = [corpus.held_out_covers.pixels(covers[names[0]], (24, 24)) for names in assigned.values()]
    assert torch.equal(validator.covers, torch.stack(first))
    networks = small_networks(small_recipe("lfw_single")).eval()
    assert 0 <= validator.hiding(networks, 40.0).score <= 1
    assert 0 <= validator.recognizer(networks.secret_classifier).score <= 1


def test_unseen_people_are_verified_also_where_training_has_no_triplets(root):
    assert open_faces(root, triplets=False).validator.pairs is not None


def test_description_counts_what_is_trained_on(root):
    assert open_faces(root).description == {
        "secrets": "faces",
        "images": 6,
        "identities": 2,
        "covers": "sea + hills",
        "cover_images": 27,
    }


def test_one_cover_set_keeps_its_names(root):
    corpus = open_faces(root, covers=("sea",))
    assert corpus.held_out_covers.names == ("00.png", "10.png", "20.png")


def test_the_protocol_can_lie_elsewhere(root, tmp_path):
    elsewhere = (tmp_path / "protocol").rename(tmp_path / "elsewhere")
    corpus = open_corpus(SETTINGS, SIZE, root, elsewhere, CPU)
    assert corpus.secrets.identities == TRAIN


def test_unreadable_files_of_training_are_named_in_the_log_and_left_out(root, caplog):
    write_folder(root / "faces", [f"Ana/extra_{number:04d}.png" for number in range(120)])
    (root / "faces" / "Ana" / "extra_0007.png").write_bytes(b"no picture")
    corpus = open_faces(root)
    assert len(corpus.secrets) == 125
    assert "1 unreadable files left out: Ana/extra_0007.png" in caplog.text


def write_tiny_imagenet(root):
    classes = ("n01", "n02", "n03")
    names = [f"{part}/{name}/{n}.JPEG" for part in ("train", "val") for name in classes for n in range(2)]
    members = {name: picture_bytes(seed, (16, 16), "JPEG") for seed, name in enumerate(names)}
    write_zip(root / "tiny-imagenet110.zip", members)
    return classes


@pytest.mark.parametrize("triplets", [True, False])
def test_tiny_imagenet_is_validated_on_the_classes_it_was_trained_on(root, triplets):
    classes = write_tiny_imagenet(root)
    corpus = open_faces(root, secrets="tiny-imagenet110", triplets=triplets)
    assert corpus.secrets.identities == corpus.validation_secrets.identities == classes
    assert corpus.validator.pairs is None
    assert corpus.validator.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert not set(corpus.secrets.names) & set(corpus.validation_secrets.names)


@PHOTOGRAPHS
def test_digits_in_photographs_need_no_files():
    settings = DataSettings("digits", ("scikit-image",), cover_size=24, cover_crops=True)
    corpus = open_corpus(settings, SIZE, None, None, CPU)
    assert len(corpus.secrets.identities) == 10
    assert not set(corpus.secrets.names) & set(corpus.validation_secrets.names)
    assert corpus.protocol is None
    validator = corpus.validator
    assert validator.pairs is None
    assert torch.equal(validator.labels, corpus.validation_secrets.labels)
    assert validator.secrets.shape == (len(corpus.validation_secrets), 3, SIZE, SIZE)
    assert validator.covers.shape == (len(corpus.validation_secrets), 3, 24, 24)
    # Training and validation share the photographs, but not a pixel of them.
    assert corpus.covers.names == corpus.held_out_covers.names
    parts = [covers.pixels(0).shape for covers in (corpus.covers, corpus.held_out_covers)]
    assert parts[0][1] == parts[1][1]
    assert parts[0][2] > parts[1][2] > 0


@PHOTOGRAPHS
def test_digits_can_be_hidden_in_covers_of_ones_own(root):
    corpus = open_faces(root, secrets="digits", covers=("sea", "scikit-image"))
    assert corpus.validator.pairs is None
    assert any(name.startswith("scikit-image/") for name in corpus.held_out_covers.names)


def test_a_missing_data_root_is_named():
    with pytest.raises(FileNotFoundError, match=r"needs 'faces' and covers .*: give --data-root"):
        open_corpus(SETTINGS, SIZE, None, None, CPU)
    with pytest.raises(FileNotFoundError, match="give --data-root"):
        open_corpus(replace(SETTINGS, secrets="digits"), SIZE, None, None, CPU)


def test_a_missing_protocol_is_named(root):
    (root.parent / "protocol" / "covers-split.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"covers-split.csv: missing; a protocol folder needs this file"):
        open_faces(root)


def test_a_missing_set_is_named(root):
    with pytest.raises(FileNotFoundError, match=r"expected the set 'lakes' as a folder or .zip in .*data, found neit"):
        open_faces(root, secrets="lakes")
    (root / "hills.zip").unlink()
    with pytest.raises(FileNotFoundError, match="expected the set 'hills'"):
        open_faces(root)


def test_a_cover_set_that_the_protocol_does_not_know_is_named(root):
    write_folder(root / "lakes", ["a.png"])
    with pytest.raises(ValueError, match=r"unknown cover set and split .*lakes.* known: .*sea"):
        open_faces(root, covers=("lakes",))


def test_a_set_without_the_protocols_people_or_pairs_is_named(root):
    (root / "faces" / "Tom" / "Tom_0003.png").unlink()
    with pytest.raises(ValueError, match=r"faces: 1 images of the protocol's .* not in it, such as Tom/Tom_0003"):
        open_faces(root)
    for file in (root / "faces" / "Bob").iterdir():
        file.unlink()
    (root / "faces" / "Bob").rmdir()
    with pytest.raises(ValueError, match="1 identities are not in it: Bob"):
        open_faces(root)


def test_a_set_is_found_as_a_folder_first_then_as_an_archive(root):
    assert find_set(root, "sea") == root / "sea"
    assert find_set(root, "hills") == root / "hills.zip"


@pytest.mark.parametrize(("part", "names"), [("train", ["Ana", "Bob"]), ("test", ["Uma"])])
def test_people_are_covers_too_one_picture_of_each(root, part, names):
    protocol = read_protocol(root.parent / "protocol")
    found = cover_names(protocol, "faces", part, find_set(root, "faces"))
    assert found == tuple(f"{name}/{name}_0001.png" for name in names)
    assert cover_names(protocol, "sea", part, root / "sea") == protocol.covers("sea", part)
