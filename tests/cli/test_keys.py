"""`miais keys` makes, lists and removes access keys."""


def test_a_key_is_shown_once(miais, tmp_path):
    file = tmp_path / "keys.json"
    made = miais("keys", "add", "door", "--role", "recognise", "--role", "hide", "--keys", file)
    assert made.exit_code == 0
    key = made.stdout.strip()
    assert len(key) > 40
    assert key not in file.read_text()
    listed = miais("keys", "list", "--keys", file).stdout
    assert "door" in listed
    assert "hide recognise" in listed
    assert key not in listed
    assert miais("keys", "remove", "door", "--keys", file).exit_code == 0
    assert "door" not in miais("keys", "list", "--keys", file).stdout


def test_what_cannot_be_done_is_said(miais, tmp_path):
    file = tmp_path / "keys.json"
    assert "no such file of access keys" in miais("keys", "list", "--keys", file).stderr
    assert "expected some of the roles" in miais("keys", "add", "x", "--role", "all", "--keys", file).stderr
    miais("keys", "add", "door", "--role", "hide", "--keys", file)
    assert "no key of the name 'window'" in miais("keys", "remove", "window", "--keys", file).stderr
    file.write_text("[]")
    refused = miais("keys", "list", "--keys", file)
    assert (refused.exit_code, "written by `miais keys`" in refused.stderr) == (1, True)
