import pytest

from miais.image import read_image
from miais.system import load


def test_one_line_for_each_image_in_order_and_an_error_line_for_an_unreadable_one(miais, tiny, picture, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"broken")
    files = [picture("a.png", seed=1), tmp_path / "broken.png", tmp_path / "missing.png", picture("b.png", seed=2)]
    result = miais("embed", *files, "--model", tiny, "--json")
    assert result.exit_code == 1
    assert [record["file"] for record in result.records] == [str(path) for path in files]
    system = load(tiny)
    for index in (0, 3):
        expected = system.embed(read_image(files[index]))[0].tolist()
        assert result.records[index]["embedding"] == pytest.approx(expected, abs=1e-6)
    for index in (1, 2):
        assert set(result.records[index]) == {"file", "embedding", "error"}
        assert result.records[index]["embedding"] is None
        assert files[index].name in result.records[index]["error"]


def test_table_lists_the_files(miais, tiny, picture):
    result = miais("embed", picture("a.png"), "--model", tiny)
    assert result.exit_code == 0
    assert "32" in result.stdout
