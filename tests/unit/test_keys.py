import pytest
import torch
from support.lattice_networks import SIDE, lattice_networks
from support.systems import tiny_card

import miais
from miais.card import SystemCard
from miais.image import quantize
from miais.keys import key_fingerprint
from miais.system import StegoSystem

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.manual_seed(0)
    specs = lattice_networks(multi=True)
    roles = ("generator", "classifier", "secret_classifier", "restorer")
    card = SystemCard("lattice", "multi", SIDE, 3, None, {role: getattr(specs, role) for role in roles})
    place = tmp_path_factory.mktemp("systems") / "lattice"
    StegoSystem.build(card).save(place)
    return place


def images(*shape, seed=0):
    return quantize(torch.rand(*shape, generator=torch.Generator().manual_seed(seed)))


@pytest.mark.parametrize("content", [KEY, KEY.hex().encode(), f" {KEY.hex().upper()}\n".encode()])
def test_key_is_read_as_bytes_or_as_digits(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    assert miais.read_key(tmp_path / "key") == KEY


@pytest.mark.parametrize(
    "content", [b"", b"secret", KEY[:31], KEY + b"\n\n", KEY.hex()[:-1].encode(), b"\xff" * 10_000]
)
def test_what_is_no_key_is_refused(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(ValueError, match="32 random bytes or 64 hexadecimal digits; make one with"):
        miais.read_key(tmp_path / "key")


def test_only_who_has_the_key_reads_and_restores(folder):
    owner, stranger, other = (miais.load(folder, key=key) for key in (KEY, None, bytes(32)))
    secret, covers = images(3, SIDE, SIDE, seed=1), images(2, 3, 96, 96)
    container, elsewhere = (owner.hide(secret, cover) for cover in covers)
    again = miais.load(folder, key=KEY)
    assert (again.embed(container) - again.embed(elsewhere)).norm() < 0.2
    assert (again.restore(container) - secret).abs().mean() < 0.1
    for system in (stranger, other):
        assert (system.embed(container) - system.embed(elsewhere)).norm() > 0.5
        assert (system.restore(container) - secret).abs().mean() > 0.2


def test_fingerprint_names_the_key(folder):
    assert miais.load(folder).key_fingerprint is None
    assert miais.load(folder, key=KEY).key_fingerprint == key_fingerprint(KEY) != key_fingerprint(bytes(32))


def test_key_of_another_length_is_refused(folder):
    with pytest.raises(ValueError, match="32 bytes, got 5"):
        miais.load(folder, key=b"short")


def test_system_without_a_key_says_so(tmp_path):
    StegoSystem.build(tiny_card()).save(tmp_path / "tiny")
    with pytest.raises(ValueError, match="expected a system on a lattice"):
        miais.load(tmp_path / "tiny", key=KEY)
