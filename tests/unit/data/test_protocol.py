import pytest
import torch
from support.shared_data import shared_folder

from miais.data.image_files import open_image_files
from miais.data.protocol import assigned_covers, identity_of, read_protocol

FILES = {
    "lfw160-split.csv": "identity,split,images\nTom,train,1\nEve,val,2\nBob,test,3\nAna,test,2\n",
    "lfw160-pairs-val.csv": "fold,image_a,image_b,same\n0,Eve/1.jpg,Eve/2.jpg,1\n",
    "lfw160-pairs-test.csv": "fold,image_a,image_b,same\n0,Ana/1.jpg,Ana/2.jpg,1\n1,Ana/1.jpg,Bob/1.jpg,0\n",
    "lfw160-identification-test.csv": (
        "role,identity,image\ngallery,Bob,Bob/1.jpg\nprobe,Bob,Bob/2.jpg\nprobe,Ana,Ana/2.jpg\ngallery,Ana,Ana/1.jpg\n"
    ),
    "covers-split.csv": "set,cover,split\nsea,b.png,train\nsea,a.png,train\nsea,c.png,test\nhills,h.png,test\n",
}
PAIRS = "fold,image_a,image_b,same\n"


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture(scope="module")
def shared_protocol():
    return read_protocol(shared_folder() / "protocol")


def test_small_protocol_is_read(folder):
    protocol = read_protocol(folder)
    assert protocol.identities("test") == ("Ana", "Bob")
    pairs = protocol.pairs("test")
    assert pairs.fold.tolist() == [0, 1]
    assert pairs.image_a == ("Ana/1.jpg", "Ana/1.jpg")
    assert pairs.image_b == ("Ana/2.jpg", "Bob/1.jpg")
    assert pairs.same.tolist() == [True, False]
    gallery, probes = protocol.identification()
    assert gallery == ("Ana/1.jpg", "Bob/1.jpg")
    assert probes == ("Ana/2.jpg", "Bob/2.jpg")
    assert protocol.covers("sea", "train") == ("a.png", "b.png")


def test_unknown_names_list_the_known_ones(folder):
    protocol = read_protocol(folder)
    with pytest.raises(ValueError, match=r"'tset'; known: test, train, val"):
        protocol.identities("tset")
    with pytest.raises(ValueError, match=r"'train'; known: test, val"):
        protocol.pairs("train")
    with pytest.raises(ValueError, match=r"'lake'.*hills"):
        protocol.covers("lake", "test")


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        read_protocol(folder)


@pytest.mark.parametrize("text", ["", "fold,image_a,same\n0,Ana/1.jpg,1\n"])
def test_missing_columns_are_named(folder, text):
    (folder / "lfw160-pairs-test.csv").write_text(text)
    with pytest.raises(ValueError, match=r"pairs-test\.csv: expected the columns fold, image_a, image_b, same"):
        read_protocol(folder)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("lfw160-pairs-test.csv", PAIRS + "0,Ana/1.jpg,Ana/2.jpg,yes\n", "line 2: expected 0 or 1 as same, got 'yes'"),
        ("lfw160-pairs-test.csv", PAIRS + "0,Ana/1.jpg,Ana/2.jpg,1\n0,Ana/1.jpg\n", "line 3: .*image_b, got None"),
        ("lfw160-pairs-test.csv", PAIRS + "one,Ana/1.jpg,Ana/2.jpg,1\n", "line 2: expected a whole number as fold"),
        ("lfw160-pairs-test.csv", PAIRS + "0,Ana/1.jpg,Bob/2.jpg,1\n", "line 2: same is 1, but"),
        ("lfw160-pairs-val.csv", PAIRS + "0,Ana/1.jpg,Ana/2.jpg,1\n", "pairs of val: 1 people .* such as Ana"),
        ("lfw160-split.csv", "identity,split,images\nTom,dev,1\n", "line 2: expected test or train or val as split"),
        ("covers-split.csv", "set,cover,split\nsea,,test\n", "line 2: expected a value as cover"),
        (
            "lfw160-identification-test.csv",
            "role,identity,image\nprobe,Ana,Ana/1.jpg\n",
            "no gallery image, such as Ana",
        ),
        (
            "lfw160-identification-test.csv",
            "role,identity,image\ngallery,Ana,Ana/1.jpg\ngallery,Ana,Ana/2.jpg\n",
            "one gallery image for each person",
        ),
    ],
)
def test_odd_line_is_named(folder, name, text, message):
    (folder / name).write_text(text)
    with pytest.raises(ValueError, match=message):
        read_protocol(folder)


def test_assigned_covers_follow_the_rule_in_sorted_order():
    images = [f"P/{number:03d}.jpg" for number in range(50)]
    covers = [f"{number:02d}.png" for number in range(80)]
    assigned = assigned_covers(reversed(images), reversed(covers))
    assert list(assigned) == images
    for i, image in enumerate(images):
        assert assigned[image] == tuple(covers[((3 * i + j) * 7919) % 80] for j in range(3))
        assert len(set(assigned[image])) == 3


def test_assigned_covers_need_covers():
    with pytest.raises(ValueError, match="at least one cover"):
        assigned_covers(["a"], [])


@pytest.mark.shared
def test_shared_protocol_has_the_published_counts(shared_protocol):
    people = {split: set(shared_protocol.identities(split)) for split in ("train", "val", "test")}
    assert [len(people[split]) for split in ("train", "val", "test")] == [3_920, 443, 890]
    assert len(set.union(*people.values())) == 5_253
    for split, count in (("test", 5_168), ("val", 1_962)):
        pairs = shared_protocol.pairs(split)
        assert len(pairs.image_a) == len(pairs.image_b) == len(pairs.fold) == count
        assert int(pairs.same.sum()) == count // 2
        assert pairs.fold.unique().tolist() == list(range(10))
    gallery, probes = shared_protocol.identification()
    assert (len(gallery), len(probes)) == (267, 1_057)


@pytest.mark.shared
def test_shared_folds_are_disjoint_in_people(shared_protocol):
    pairs = shared_protocol.pairs("test")
    fold_of = {}
    for fold, *images in zip(pairs.fold.tolist(), pairs.image_a, pairs.image_b, strict=True):
        for image in images:
            assert fold_of.setdefault(identity_of(image), fold) == fold
    assert len(fold_of) > 100


@pytest.mark.shared
def test_shared_protocol_names_only_files_that_exist(shared_protocol):
    data = shared_folder() / "data"
    faces = set(open_image_files(data / "lfw160.zip", depth=2).names)
    for split in ("val", "test"):
        pairs = shared_protocol.pairs(split)
        assert faces.issuperset(pairs.image_a + pairs.image_b)
    assert faces.issuperset(sum(shared_protocol.identification(), ()))
    for name, counts in (("covers-imagenet400", (320, 80)), ("covers-textures100", (80, 20))):
        train, test = (shared_protocol.covers(name, split) for split in ("train", "test"))
        assert (len(train), len(test)) == counts
        assert set(open_image_files(data / f"{name}.zip").names) == {*train, *test}


def test_tensors_have_the_promised_types(folder):
    pairs = read_protocol(folder).pairs("test")
    assert pairs.fold.dtype == torch.int64
    assert pairs.same.dtype == torch.bool
