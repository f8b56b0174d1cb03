import logging
import pickle

import pytest
import torch
from support.pictures import picture_bytes, write_folder, write_zip
from support.shared_data import shared_folder

from miais.data.secrets import SecretSet, digits
from miais.image import ImageError, decode_image, resize, to_uint8

NAMES = ["Ana/1.png", "Ana/2.png", "Bob/1.png", "Eve/1.png", "Eve/2.png"]


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "faces", NAMES)


def big_set_with_broken_file(root):
    names = [f"P{person:02d}/{number}.png" for person in range(60) for number in range(2)]
    write_folder(root, names)
    (root / "P07" / "1.png").write_bytes(b"not a picture")
    return names


def test_labels_count_the_sorted_identities(folder):
    secrets = SecretSet.open(folder, 8)
    assert len(secrets) == 5
    assert secrets.names == tuple(NAMES)
    assert secrets.identities == ("Ana", "Bob", "Eve")
    assert secrets.labels.dtype == torch.int64
    assert secrets.labels.tolist() == [0, 0, 1, 2, 2]


@pytest.mark.parametrize("cache", [True, False])
def test_pixels_are_decoded_and_resized_to_a_square(folder, cache):
    secrets = SecretSet.open(folder, 8, cache=cache)
    expected = to_uint8(resize(decode_image(picture_bytes(3), "expected"), (8, 8)))
    assert expected.shape == (3, 8, 8)
    for _ in range(2):
        pixels = secrets.pixels(3)
        assert pixels.dtype == torch.uint8
        assert torch.equal(pixels, expected)


def test_cache_reads_a_file_once_and_no_cache_reads_it_again(folder):
    reads = []

    def decode(name):
        reads.append(name)
        return torch.rand(3, 8, 8)

    label_of = {name: name[:3] for name in NAMES}
    cached, uncached = (SecretSet(label_of, decode, 8, cache=cache) for cache in (None, False))
    assert torch.equal(cached.pixels(1), cached.pixels(1))
    assert reads == ["Ana/2.png"]
    assert not torch.equal(uncached.pixels(1), uncached.pixels(1))
    assert len(reads) == 3


def test_identities_select_people_and_missing_ones_are_named(folder):
    secrets = SecretSet.open(folder, 8, {"Eve", "Ana"})
    assert secrets.identities == ("Ana", "Eve")
    assert secrets.labels.tolist() == [0, 0, 1, 1]
    with pytest.raises(ValueError, match="1 identities are not in it: Zoe"):
        SecretSet.open(folder, 8, ["Ana", "Zoe"])


def test_zip_and_folder_give_the_same_secrets(folder, tmp_path):
    packed = SecretSet.open(write_zip(tmp_path / "faces.zip", [f"faces/{name}" for name in NAMES]), 8)
    plain = SecretSet.open(folder, 8)
    assert packed.names == plain.names
    assert all(torch.equal(packed.pixels(index), plain.pixels(index)) for index in range(len(NAMES)))


def test_index_out_of_range_is_an_index_error(folder):
    secrets = SecretSet.open(folder, 8)
    for index in (-1, 5):
        with pytest.raises(IndexError, match="from 0 to 4"):
            secrets.pixels(index)


def test_empty_selection_and_zero_size_are_refused(folder):
    with pytest.raises(ValueError, match="at least one secret"):
        SecretSet.open(folder, 8, [])
    with pytest.raises(ValueError, match="image_size"):
        SecretSet.open(folder, 0)


@pytest.mark.parametrize("cache", [True, False])
def test_scan_leaves_out_the_unreadable_file(tmp_path, caplog, cache):
    names = big_set_with_broken_file(tmp_path)
    secrets = SecretSet.open(tmp_path, 8, cache=cache)
    with pytest.raises(ImageError):
        secrets.pixels(names.index("P07/1.png"))
    with caplog.at_level(logging.WARNING):
        assert secrets.scan() == ["P07/1.png"]
    assert "1 of 120 images" in caplog.text
    assert len(secrets) == len(secrets.labels) == 119
    for name, person in (("P07/0.png", 7), ("P08/0.png", 8), ("P59/1.png", 59)):
        index = secrets.names.index(name)
        assert secrets.labels[index] == person
        expected = to_uint8(resize(decode_image(picture_bytes(names.index(name)), name), (8, 8)))
        assert torch.equal(secrets.pixels(index), expected)


def test_scan_fills_the_cache(folder):
    secrets = SecretSet.open(folder, 8)
    assert secrets.scan() == []
    for name in NAMES:
        (folder / name).unlink()
    assert secrets.pixels(4).shape == (3, 8, 8)


def test_scan_refuses_more_than_one_per_cent(folder):
    (folder / "Bob/1.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"1 of 5 images.*Bob/1\.png"):
        SecretSet.open(folder, 8).scan()


def test_pickled_secrets_are_the_same(folder):
    secrets = SecretSet.open(folder, 8)
    copy = pickle.loads(pickle.dumps(secrets))  # noqa: S301
    assert torch.equal(copy.pixels(2), secrets.pixels(2))


def test_digits_split_is_stratified_and_complete():
    parts = {split: digits(8, split) for split in ("train", "val", "test")}
    names = [name for part in parts.values() for name in part.names]
    assert len(names) == len(set(names)) == 1797
    assert all(part.identities == tuple("0123456789") for part in parts.values())
    counts = torch.stack([torch.bincount(part.labels) for part in parts.values()]).double()
    shares = counts / counts.sum(dim=0)
    assert ((shares - torch.tensor([[0.7], [0.1], [0.2]])).abs() < 0.01).all()


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    bunch = load_digits()
    secrets = digits(8, "test")
    name = secrets.names[100]
    number = int(name.split("/")[1])
    expected = torch.from_numpy(bunch.images[number] / 16 * 255).round().to(torch.uint8)
    assert torch.equal(secrets.pixels(100), expected.expand(3, 8, 8))
    assert secrets.identities[secrets.labels[100]] == str(bunch.target[number])


def test_digits_of_an_unknown_split_are_refused():
    with pytest.raises(ValueError, match="'train', 'val' or 'test', got 'all'"):
        digits(8, "all")


@pytest.mark.shared
def test_shared_faces_are_counted():
    secrets = SecretSet.open(shared_folder() / "data" / "lfw160.zip", 32)
    assert (len(secrets), len(secrets.identities)) == (12_048, 5_253)
    assert secrets.names[0] == "Aaron_Eckhart/Aaron_Eckhart_0001.jpg"
    assert secrets.pixels(12_047).float().std() > 10


@pytest.mark.shared
@pytest.mark.parametrize(("split", "count"), [("train", 22_000), ("val", 10_000)])
def test_shared_tiny_imagenet_is_counted(split, count):
    secrets = SecretSet.open(shared_folder() / "data" / "tiny-imagenet110.zip", 64, split=split)
    assert (len(secrets), len(secrets.identities)) == (count, 200)


def test_thinned_secrets_keep_their_numbers_and_lose_no_label():
    whole, few = digits(8, "test"), digits(8, "test").thinned(7)
    assert few.names == whole.names[::7]
    assert few.identities == whole.identities
    assert torch.equal(few.labels, whole.labels[::7])
    assert torch.equal(few.pixels(3), whole.pixels(21))
    with pytest.raises(ValueError, match=r"expected every label among every 90th of \d+ secrets"):
        whole.thinned(90)
