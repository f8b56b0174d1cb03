import pytest
from support.pictures import picture_bytes, write_folder, write_zip

from miais.data.image_files import open_image_files
from miais.data.layouts import labelled_files


def labels(path, split=None):
    return labelled_files(open_image_files(path, depth=2), split)


def test_label_is_the_folder_of_an_image(tmp_path):
    root = write_folder(tmp_path / "lfw", ["Ana/1.png", "Ana/2.png", "Bob/1.png"])
    assert labels(root) == {"Ana/1.png": "Ana", "Ana/2.png": "Ana", "Bob/1.png": "Bob"}


def test_parts_are_chosen_by_split(tmp_path):
    root = write_folder(tmp_path / "tiny", ["train/n1/1.png", "train/n2/1.png", "val/n2/9.png"])
    assert labels(root, "train") == {"train/n1/1.png": "n1", "train/n2/1.png": "n2"}
    assert labels(root, "val") == {"val/n2/9.png": "n2"}


def test_tiny_imagenet_own_layout(tmp_path):
    members = {
        "tiny-imagenet-200/train/n1/images/n1_0.png": picture_bytes(0),
        "tiny-imagenet-200/train/n1/n1_boxes.txt": b"",
        "tiny-imagenet-200/train/n2/images/n2_0.png": picture_bytes(1),
        "tiny-imagenet-200/val/images/val_0.png": picture_bytes(2),
        "tiny-imagenet-200/val/images/val_1.png": picture_bytes(3),
        "tiny-imagenet-200/val/val_annotations.txt": b"val_0.png\tn2\t0\t0\t1\t1\nval_1.png\tn1\t0\t0\t1\t1\n",
        "tiny-imagenet-200/test/images/test_0.png": picture_bytes(4),
    }
    archive = write_zip(tmp_path / "tiny.zip", members)
    assert labels(archive, "train") == {"train/n1/images/n1_0.png": "n1", "train/n2/images/n2_0.png": "n2"}
    assert labels(archive, "val") == {"val/images/val_0.png": "n2", "val/images/val_1.png": "n1"}


def test_image_without_annotation_is_named(tmp_path):
    root = write_folder(tmp_path / "tiny", ["train/n1/images/1.png", "val/images/val_0.png"])
    (root / "val" / "val_annotations.txt").write_text("val_7.png\tn1\n")
    with pytest.raises(ValueError, match=r"no line for val/images/val_0\.png"):
        labels(root, "val")


@pytest.mark.parametrize("split", [None, "val", "trian"])
def test_data_with_parts_need_one_that_is_there(tmp_path, split):
    root = write_folder(tmp_path / "tiny", ["train/n1/1.png", "train/n2/1.png"])
    with pytest.raises(ValueError, match="has the parts train"):
        labels(root, split)


def test_data_without_parts_take_no_split(tmp_path):
    root = write_folder(tmp_path / "lfw", ["Ana/1.png", "Bob/1.png"])
    with pytest.raises(ValueError, match="no folder val/"):
        labels(root, "val")


@pytest.mark.parametrize("odd", ["stray.png", "Ana/deep/1.png"])
def test_other_layouts_are_refused_with_an_example(tmp_path, odd):
    root = write_folder(tmp_path / "lfw", ["Ana/1.png", "Bob/1.png", odd])
    with pytest.raises(ValueError, match=rf"expected label/image, got {odd}"):
        labels(root)


def test_empty_classes_are_named(tmp_path):
    root = write_folder(tmp_path / "lfw", ["Ana/1.png", "Bob/1.png"])
    (root / "Eve").mkdir()
    with pytest.raises(ValueError, match=r"1 empty classes.*Eve"):
        labels(root)


def test_only_empty_classes_of_the_split_count(tmp_path):
    root = write_folder(tmp_path / "tiny", ["train/n1/1.png", "val/n1/1.png"])
    (root / "val" / "n2").mkdir()
    assert labels(root, "train") == {"train/n1/1.png": "n1"}
    with pytest.raises(ValueError, match="val/n2"):
        labels(root, "val")
