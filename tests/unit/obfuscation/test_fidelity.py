"""How far hidden pictures are from plain ones, against the numbers that once decoded the paper's Table V.

Those come from another implementation, on two soft faces of the paper's own set enlarged to 256x256: MSE, PSNR in dB,
and MS-SSIM of both kinds. Other faces have other contrasts, which errors follow: where pixels only move they are twice
the variance, and where a picture becomes coarser they are what is lost of its edges. MS-SSIM follows much less.
"""

import hashlib

import pytest
import torch
from support.shared_data import shared_folder

from miais.data.image_files import open_image_files
from miais.image import from_uint8, resize, to_uint8
from miais.metrics import mean_psnr, mean_squared_error
from miais.metrics.ms_ssim import ms_ssim_of_both_kinds
from miais.obfuscation import (
    P3,
    BlockShuffle,
    CombinedCatMap,
    EncryptionThenCompression,
    ExtendedLearnableEncryption,
    GaussianBlur,
    HogEncryption,
    LearnableEncryption,
    Mosaic,
    PixelBasedEncryption,
    XorEncryption,
)

KEYS = [hashlib.sha256(bytes([number])).digest() for number in range(3)]
UNLIKE = {
    "le": (LearnableEncryption, {}, (0.159, 7.98, 0.09, 0.44)),
    "ele": (ExtendedLearnableEncryption, {}, (0.159, 7.99, 0.06, 0.42)),
    "etc-4": (EncryptionThenCompression, {"block": 4}, (0.153, 8.15, 0.005, 0.389)),
    "etc-8": (EncryptionThenCompression, {"block": 8}, (0.156, 8.07, 0.005, 0.394)),
    "etc-16": (EncryptionThenCompression, {"block": 16}, (0.157, 8.05, 0.005, 0.386)),
    "em-hog": (HogEncryption, {}, (0.143, 8.45, 0.03, 0.40)),
    "pbie": (PixelBasedEncryption, {}, (0.154, 8.14, 0.08, 0.42)),
    "ppfr": (XorEncryption, {"generator": "shake"}, (0.161, 7.95, 0.05, 0.41)),
    "ccm": (CombinedCatMap, {}, (0.133, 8.80, 0.09, 0.43)),
    "ccm-diffusion": (CombinedCatMap, {"diffusion": True}, (0.161, 7.95, 0.05, 0.41)),
    "p3-1": (P3, {"threshold": 1}, (0.077, 11.1, 0.22, 0.49)),
    "p3-10": (P3, {"threshold": 10}, (0.077, 11.1, 0.22, 0.49)),
    "p3-20": (P3, {"threshold": 20}, (0.077, 11.1, 0.22, 0.50)),
}
COARSER = {
    "ppfr-7": (XorEncryption, {"generator": "shake", "bits": 7}, (0.040, 14.0, 0.44, 0.71)),
    "mosaic-16": (Mosaic, {"window": 16}, (0.017, 17.7, 0.66, 0.83)),
    "mosaic-32": (Mosaic, {"window": 32}, (0.027, 15.7, 0.43, 0.67)),
    "blur-8": (GaussianBlur, {"sigma": 8.0}, (0.011, 19.4, 0.74, 0.86)),
    "blur-16": (GaussianBlur, {"sigma": 16.0}, (0.023, 16.4, 0.50, 0.70)),
    "bws": (BlockShuffle, {}, (0.005, 23.1, 0.97, 0.98)),
    "bws-48": (BlockShuffle, {"values": True}, (0.029, 15.5, 0.81, 0.91)),
}


def measured(method, settings, faces):
    """MSE, PSNR, MS-SSIM standard and miais; under several keys, as LE's one block key is good or bad luck."""
    plain, numbers = from_uint8(faces), []
    for key in [None] if method in (P3, Mosaic, GaussianBlur) else KEYS:
        hidden = from_uint8((method(**settings) if key is None else method(key, **settings))(faces))
        standard, miais = ms_ssim_of_both_kinds(hidden, plain)
        error = mean_squared_error(hidden, plain).mean()
        numbers.append([float(each) for each in (error, mean_psnr(hidden, plain), standard.mean(), miais)])
    return [sum(column) / len(numbers) for column in zip(*numbers, strict=True)]


def check(name, faces):
    coarser = name in COARSER
    method, settings, (error, decibels, standard, miais) = (UNLIKE | COARSER)[name]
    ours = measured(method, settings, faces)
    assert (0.3 if coarser else 0.7) * error < ours[0] < 1.3 * error
    assert decibels - 1 < ours[1] < decibels + (5 if coarser else 1.5)
    assert abs(ours[2] - standard) < 0.1
    assert abs(ours[3] - miais) < 0.065


@pytest.fixture(scope="module")
def lfw():
    files = open_image_files(shared_folder() / "data" / "lfw160.zip", depth=2)
    names = files.names[:: len(files.names) // 8][:8]
    return torch.stack([to_uint8(resize(files.image(name), (256, 256))) for name in names])


@pytest.fixture(scope="module")
def photograph():
    data = pytest.importorskip("skimage.data")
    face = from_uint8(torch.from_numpy(data.astronaut()).permute(2, 0, 1)[:, 20:220, 130:330])
    return to_uint8(resize(resize(face, (128, 128)), (256, 256)))[None]


@pytest.mark.shared
@pytest.mark.parametrize("name", [*UNLIKE, *COARSER])
def test_faces_of_lfw(lfw, name):
    check(name, lfw)


@pytest.mark.parametrize("name", [*UNLIKE, *COARSER])
def test_face_in_a_photograph(photograph, name):
    check(name, photograph)
