import os
import pickle
import zipfile
from multiprocessing import get_context

import pytest
import torch
from support.pictures import picture_bytes, write_folder, write_zip

from miais.data import image_files
from miais.data.image_files import open_image_files
from miais.image import ImageError, decode_image

PEOPLE = ["Ana/Ana_1.png", "Ana/Ana_2.PNG", "Bob/Bob_1.png"]


@pytest.fixture(params=["folder", "zip"])
def make(request, tmp_path):
    """Return a function that writes names as a folder or a zip archive and returns its path."""
    if request.param == "folder":
        return lambda names: write_folder(tmp_path / "data", names)
    return lambda names: write_zip(tmp_path / "data.ZIP", names)


def test_names_are_sorted_and_bytes_are_those_written(make):
    files = open_image_files(make(PEOPLE[::-1]))
    assert files.names == tuple(PEOPLE)
    assert [files.read(name) for name in files.names] == [picture_bytes(seed) for seed in (2, 1, 0)]


def test_image_decodes_the_file(make):
    files = open_image_files(make(PEOPLE))
    assert torch.equal(files.image("Bob/Bob_1.png"), decode_image(picture_bytes(2), "expected"))


def test_hidden_files_other_suffixes_and_macos_leftovers_are_ignored(make):
    noise = [".hidden.png", "Ana/._Ana_1.png", "__MACOSX/Ana/Ana_1.png", ".git/x.png", "Ana/notes.txt", "readme"]
    assert open_image_files(make(PEOPLE + noise)).names == tuple(PEOPLE)


def test_common_top_folders_are_left_out_of_the_names(make):
    files = open_image_files(make([f"lfw/deep/{name}" for name in PEOPLE]))
    assert files.names == tuple(PEOPLE)
    assert files.read(PEOPLE[1]) == picture_bytes(1)


def test_depth_keeps_the_label_of_a_single_person(make):
    path = make(["lfw/Ana/1.png", "lfw/Ana/2.png"])
    assert open_image_files(path, depth=2).names == ("Ana/1.png", "Ana/2.png")
    assert open_image_files(path, depth=1).names == ("1.png", "2.png")


def test_a_folder_that_names_a_part_of_the_data_is_kept(make):
    assert open_image_files(make(["set/train/a/1.png"])).names == ("train/a/1.png",)


def test_files_beside_the_images_can_be_read_too(make):
    files = open_image_files(make(["top/a/1.png", "top/a/notes.txt", "top/b/1.png"]))
    assert files.read("a/notes.txt") == picture_bytes(1)


def test_missing_name_is_a_file_not_found_error(make):
    with pytest.raises(FileNotFoundError, match=r"Eve/Eve_1\.png"):
        open_image_files(make(PEOPLE)).read("Eve/Eve_1.png")


def test_no_images_is_an_error_that_lists_the_suffixes(make):
    with pytest.raises(ValueError, match=r"no images found.*\.jpeg"):
        open_image_files(make(["a/notes.txt"]))


def test_file_over_the_limit_is_refused(make, monkeypatch):
    files = open_image_files(make(PEOPLE))
    monkeypatch.setattr(image_files, "MAX_BYTES", 100)
    with pytest.raises(ImageError, match="limit of 100"):
        files.read(PEOPLE[0])


def test_pickled_files_read_the_same(make):
    files = open_image_files(make(PEOPLE))
    files.read(PEOPLE[0])
    assert pickle.loads(pickle.dumps(files)).read(PEOPLE[2]) == picture_bytes(2)  # noqa: S301


@pytest.mark.skipif("fork" not in __import__("multiprocessing").get_all_start_methods(), reason="needs fork")
def test_forked_child_gets_a_handle_of_its_own(tmp_path):
    files = open_image_files(write_zip(tmp_path / "data.zip", PEOPLE))
    files.read(PEOPLE[0])
    parent_handle = files._archive
    context = get_context("fork")
    receive, send = context.Pipe(duplex=False)

    def child():
        send.send((files.read(PEOPLE[1]), files._archive is parent_handle))

    process = context.Process(target=child)
    process.start()
    assert receive.poll(30)
    assert receive.recv() == (picture_bytes(1), False)
    process.join()


def test_empty_folders_are_named(tmp_path):
    root = write_folder(tmp_path / "lfw", [f"top/{name}" for name in PEOPLE])
    (root / "top" / "Eve" / "inner").mkdir(parents=True)
    assert open_image_files(root).empty_folders == ("Eve", "Eve/inner")


def test_empty_folders_of_an_archive_are_named(tmp_path):
    members = {f"top/{name}": picture_bytes(0) for name in PEOPLE} | {"top/Eve/": b"", "top/Max/notes.txt": b"x"}
    assert open_image_files(write_zip(tmp_path / "a.zip", members)).empty_folders == ("Eve", "Max")


def test_missing_path_and_other_files_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="found nothing there"):
        open_image_files(tmp_path / "nowhere")
    (tmp_path / "a.tar").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"folder or a file ending in \.zip"):
        open_image_files(tmp_path / "a.tar")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut"])
def test_corrupt_archive_is_refused(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ValueError, match="not a readable zip archive"):
        open_image_files(tmp_path / "a.zip")


def test_truncated_archive_is_refused(tmp_path):
    path = write_zip(tmp_path / "a.zip", PEOPLE)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match="not a readable zip archive"):
        open_image_files(path)


def test_encrypted_archive_is_refused(tmp_path):
    path = write_zip(tmp_path / "a.zip", ["a/1.png"])
    data = bytearray(path.read_bytes())
    # Bit 0 of the general purpose flags, in the central directory, means encrypted.
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"a/1\.png is encrypted"):
        open_image_files(path)


def test_damaged_member_is_an_image_error_and_others_stay_readable(tmp_path):
    path = write_zip(tmp_path / "a.zip", PEOPLE)
    data = bytearray(path.read_bytes())
    data[data.index(picture_bytes(0)) + 50] ^= 0xFF
    path.write_bytes(data)
    files = open_image_files(path)
    with pytest.raises(ImageError, match="damaged in the archive"):
        files.read(PEOPLE[0])
    assert files.read(PEOPLE[1]) == picture_bytes(1)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressed_member_with_damaged_stream_is_an_image_error(tmp_path, method):
    """Damaged LZMA was an error of its own class, damaged bzip2 an OSError without any name."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a/1.png", bytes(range(256)) * 20)
    data = bytearray(path.read_bytes())
    data[46:60] = b"\xff" * 14
    path.write_bytes(data)
    with pytest.raises(ImageError, match=r"a\.zip/a/1\.png: damaged in the archive"):
        open_image_files(path, depth=2).read("a/1.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_named_pipe_is_refused_instead_of_waited_for(tmp_path):
    write_folder(tmp_path, PEOPLE)
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="not a regular file"):
        open_image_files(tmp_path).read("pipe.png")


def test_link_back_to_a_parent_ends(tmp_path):
    write_folder(tmp_path, PEOPLE)
    (tmp_path / "Ana" / "loop").symlink_to(tmp_path)
    assert set(PEOPLE) <= set(open_image_files(tmp_path).names)
