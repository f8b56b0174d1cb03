"""What all methods promise: shapes, exact inverses, and pictures that a key gives for ever."""

import hashlib

import pytest
import torch
from support.byte_pictures import byte_picture

from miais.obfuscation import (
    P3,
    BlockShuffle,
    CombinedCatMap,
    EncryptionThenCompression,
    ExtendedLearnableEncryption,
    GaussianBlur,
    GreyEncryptionThenCompression,
    HogEncryption,
    LearnableEncryption,
    Mosaic,
    PixelBasedEncryption,
    ReversibleObfuscation,
    XorEncryption,
    image_key,
)

KEY = bytes(range(32))
KEYED = {
    "ccm": lambda key: CombinedCatMap(key),
    "ccm-diffusion": lambda key: CombinedCatMap(key, diffusion=True),
    "le": lambda key: LearnableEncryption(key),
    "le-reference": lambda key: LearnableEncryption(key, flip="reference"),
    "le-8": lambda key: LearnableEncryption(key, block=8),
    "pbie": lambda key: PixelBasedEncryption(key),
    "pbie-negative": lambda key: PixelBasedEncryption(key, shuffle_channels=False),
    "etc": lambda key: EncryptionThenCompression(key),
    "etc-4": lambda key: EncryptionThenCompression(key, block=4),
    "etc-grey": lambda key: GreyEncryptionThenCompression(key),
    "ele": lambda key: ExtendedLearnableEncryption(key),
    "em-hog": lambda key: HogEncryption(key),
    "em-hog-3/4": lambda key: HogEncryption(key, negative_share=0.75),
    "ppfr-shake": lambda key: XorEncryption(key, generator="shake"),
    "ppfr-part": lambda key: XorEncryption(key, generator="shake", per_channel=True, bits=7, density=0.78),
    "bws": lambda key: BlockShuffle(key),
    "bws-48": lambda key: BlockShuffle(key, values=True),
    "bws-per-block": lambda key: BlockShuffle(key, per_block_key=True),
}
KEYLESS = {"p3": P3(), "p3-1": P3(threshold=1, quality=40), "mosaic": Mosaic(), "blur": GaussianBlur()}
# Of the bytes of the hidden 48x64 picture. They never change: what was hidden must be undone by every later version.
DIGESTS = {
    "ccm": "c891976d896aafe141df6417449a2ed10f0a6e9db76958d3c5165ee87666dba8",
    "ccm-diffusion": "10dede3f01153240744b99848399127fbd896beb21707bb68f7f490a7f39901d",
    "le": "e5292763123477702215693f9f088935ae3b9da65e9e06d8f166a629fb3701c9",
    "le-reference": "35ae0a48de0a761866227df0d94754af3cb2bac076ff1c125c03a3a28e253daa",
    "le-8": "3d2ad65ab3ec5f9974e704e0f8d28b3f42c9ad1ac3c78c72c302b6dba2f4cb03",
    "pbie": "d76b23905be691b618279f7aa8525e54abef44f64873b8e3494e21c03f46f7af",
    "pbie-negative": "db6d6f40ed4637ab03af066b5746f610505b0c91fb90b4ff8ccfaeb075e14e9f",
    "etc": "2b460257b8f791875145994911633e1b0f0695d4aa4fb0d2a2644965cef8230b",
    "etc-4": "fe2f0a2429ed0e54af50ccc03c30459620d3d54ab749d1feaf6083c1a38d27e8",
    "etc-grey": "9e4d52517fc9c7479bc8c4179c3dc065c030d488a76aba69036d83b3675b3847",
    "ele": "96d5a91e8f06e2637d6920f7f2ce5ceebd3c27f5ce67f237c2670d021327e7b8",
    "em-hog": "54ce58ed9676afca646095e17dd582ef52dc3056db582b7fd19e4939235e5d37",
    "em-hog-3/4": "ce1c2aa42613e9fdaaa69b2c6412374baa5fa2527a0e4ab016305625a350b246",
    "ppfr-shake": "9fedd78fb57a54689347c72887dac8d2a1587048906cf82aa4bfa0ad5d3cf593",
    "ppfr-part": "02586c21cd10b07d9368bbadde5ca7bd61a617ff4b9e1469cf414d9ab5eab4c6",
    "bws": "4a6a58f1d60cdbd16fe8fe7c397622945154a62636c3b266622bafbb753c6fa6",
    "bws-48": "69a0e0378a0c50ab9fcd6b4bcc066959a563469db3977027f54d85955bbf2ba8",
    "bws-per-block": "52ee53eaef6cbbbd4d7c0b0ebddbf255faf603610f0d6ef41b7be635bbc0a3c7",
    "p3": "358f311e7e09510a951e2683a565e710ec5278f173c7109486a8b0e918c215ec",
    "p3-1": "b67afb980912c64383624e2c29b84db2d8a6f5c53eb7395970efc6e91d434b04",
    "mosaic": "17f613d1520ef440f88491dc37acf8f0f2b34617b8fc6dcef863d73db4be7da1",
    "blur": "317a84e0cc8a398e8e5f3696cf2f81f4e62802ce07aed9cccee2fd2fb503d365",
}
CHANGED = 0.02


@pytest.fixture(scope="module", params=[*KEYED, *KEYLESS])
def name(request):
    return request.param


@pytest.fixture(scope="module", params=KEYED)
def keyed(request):
    return request.param


def make(name, key=KEY):
    return KEYED[name](key) if name in KEYED else KEYLESS[name]


def test_hidden_picture_is_the_same_for_ever(name):
    hidden = make(name)(byte_picture(48, 64))
    assert hashlib.sha256(hidden.numpy().tobytes()).hexdigest() == DIGESTS[name]


def test_batch_is_hidden_like_its_pictures_and_input_stays(name):
    batch = torch.stack([byte_picture(32, 48, seed) for seed in range(3)])
    before = batch.clone()
    hidden = make(name)(batch)
    assert hidden.dtype == torch.uint8
    assert hidden.shape == batch.shape
    assert torch.equal(hidden, torch.stack([make(name)(picture) for picture in batch]))
    assert torch.equal(batch, before)
    assert (hidden != batch).float().mean() > CHANGED


def test_memory_order_does_not_matter(name):
    picture = byte_picture(32, 48)
    scattered = picture.permute(1, 2, 0).contiguous().permute(2, 0, 1)
    assert not scattered.is_contiguous()
    assert torch.equal(make(name)(scattered), make(name)(picture))


@pytest.mark.parametrize("size", [(32, 48), (16, 16), (256, 256), (80, 16)])
def test_inverse_is_exact(keyed, size):
    method, picture = make(keyed), byte_picture(*size)
    assert isinstance(method, ReversibleObfuscation)
    back = method.inverse(method(picture))
    assert back.dtype == torch.uint8
    if keyed == "etc-grey":  # Y, Cb and Cr are rounded before they are scrambled.
        assert (back.short() - picture.short()).abs().max() <= 2
    else:
        assert torch.equal(back, picture)


def test_inverse_of_random_bytes_in_a_batch_is_exact(keyed):
    batch = torch.randint(256, (2, 3, 48, 32), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    method = make(keyed)
    if keyed != "etc-grey":
        assert torch.equal(method.inverse(method(batch)), batch)
        assert torch.equal(method(method.inverse(batch)), batch)


def test_another_key_hides_otherwise_and_does_not_undo(keyed):
    picture = byte_picture(64, 64)
    ours, theirs, mine = make(keyed), make(keyed, bytes(32)), make(keyed, image_key(KEY, "mine"))
    hidden = ours(picture)
    for other in (theirs, mine):
        assert (other(picture) != hidden).float().mean() > CHANGED
        assert (other.inverse(hidden) != picture).float().mean() > CHANGED
    assert torch.equal(make(keyed, bytes(range(32)))(picture), hidden)


def test_first_call_may_be_in_inference_mode(keyed):
    """Tables that are kept from one call to the next serve both modes."""
    picture, key = byte_picture(32, 16), image_key(KEY, f"inference {keyed}")
    with torch.inference_mode():
        hidden = make(keyed, key)(picture)
    assert torch.equal(make(keyed, key)(picture), hidden)
    make(keyed, key).inverse(hidden.clone())


@pytest.mark.gpu
def test_gpu_gives_the_same_bytes(name):
    batch = torch.stack([byte_picture(48, 64, seed) for seed in range(2)])
    method = make(name)
    hidden = method(batch.cuda())
    assert hidden.is_cuda
    assert torch.equal(hidden.cpu(), method(batch))
    if isinstance(method, ReversibleObfuscation):
        assert torch.equal(method.inverse(hidden).cpu(), method.inverse(hidden.cpu()))


def test_key_is_not_shown(keyed):
    assert "key=b" not in repr(make(keyed))
    assert repr(KEY)[2:-1] not in repr(make(keyed))


def test_methods_without_a_key_have_no_inverse():
    assert not any(isinstance(method, ReversibleObfuscation) for method in KEYLESS.values())


def test_what_are_no_bytes_is_refused(name):
    with pytest.raises(TypeError, match="uint8"):
        make(name)(torch.rand(3, 16, 16))


@pytest.mark.parametrize("shape", [(1, 16, 16), (16, 16, 3), (3, 16), (1, 1, 3, 16, 16), (3, 0, 16)])
def test_other_shapes_are_refused(name, shape):
    with pytest.raises(ValueError, match="expected pictures of shape"):
        make(name)(torch.zeros(shape, dtype=torch.uint8))


@pytest.mark.parametrize("keyed", ["ccm-diffusion", "le", "etc", "etc-grey", "ele", "em-hog", "bws"])
def test_sides_that_do_not_fit_the_blocks_are_refused_with_those_that_do(keyed):
    with pytest.raises(ValueError, match=r"pixels, got 50x33; resize the picture, to 48x32 say"):
        make(keyed)(byte_picture(33, 50))


@pytest.mark.parametrize("name", ["ccm", "pbie", "ppfr-shake", "p3", "mosaic", "blur"])
def test_other_methods_take_every_size(name):
    for size in ((1, 1), (1, 7), (33, 50), (7, 200)):
        picture = byte_picture(*size)
        hidden = make(name)(picture)
        assert hidden.shape == picture.shape
        if name in KEYED:
            assert torch.equal(make(name).inverse(hidden), picture)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: CombinedCatMap(KEY, rounds=0), "at least 1 round"),
        (lambda: LearnableEncryption(KEY, block=0), "at least 1 pixel"),
        (lambda: LearnableEncryption(KEY, flip="other"), "'independent' or 'reference', got 'other'"),
        (lambda: ExtendedLearnableEncryption(KEY, block=-4), "at least 1 pixel"),
        (lambda: EncryptionThenCompression(KEY, block=0), "at least 1 pixel"),
        (lambda: GreyEncryptionThenCompression(KEY, block=0), "at least 1 pixel"),
        (lambda: HogEncryption(KEY, negative_share=1.5), r"\[0, 1\], got 1.5"),
        (lambda: XorEncryption(KEY, generator="dice"), "'lorenz' or 'shake', got 'dice'"),
        (lambda: XorEncryption(KEY, bits=9), "bits from 1 to 8"),
        (lambda: XorEncryption(KEY, density=-0.1), "density in"),
        (lambda: BlockShuffle(KEY, block=0), "at least 1 pixel"),
        (lambda: P3(threshold=0), "threshold of at least 1"),
        (lambda: P3(quality=101), "quality from 1 to 100"),
        (lambda: Mosaic(window=0), "at least 1 pixel"),
        (lambda: GaussianBlur(sigma=0.0), "above 0"),
        (lambda: GaussianBlur(sigma=float("nan")), "above 0"),
    ],
)
def test_settings_out_of_range_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_keys_of_another_length_are_refused(keyed):
    with pytest.raises(ValueError, match="32 bytes, got 31"):
        make(keyed, KEY[:31])
