"""Visual hiding: the methods that MIAIS compares itself with in Table V, one file each.

Each is a small frozen object: call it on pictures as bytes, shape (3, H, W) or (N, 3, H, W); those with a key have an
`inverse`. One object, with one key, serves all pictures (the policy that a classifier can learn from); for another key
for each picture make an object with `image_key(key, name)`. All randomness comes from the key by SHAKE-256, so a key
means the same everywhere and for ever. They hide from the eye; none of them is a cipher to be trusted.

Resize, and mirror for augmentation, before the call: a mirrored cipher picture is not the cipher of a mirrored one.
"""

from miais.obfuscation.block_hog import block_hog
from miais.obfuscation.bws import BlockShuffle
from miais.obfuscation.ccm import CombinedCatMap
from miais.obfuscation.dio import P3, GaussianBlur, Mosaic, P3Parts
from miais.obfuscation.ele import ExtendedLearnableEncryption
from miais.obfuscation.em_hog import HogEncryption
from miais.obfuscation.etc import EncryptionThenCompression
from miais.obfuscation.etc_grey import GreyEncryptionThenCompression
from miais.obfuscation.keyed_draws import image_key
from miais.obfuscation.le import LearnableEncryption
from miais.obfuscation.obfuscation import Obfuscation, ReversibleObfuscation
from miais.obfuscation.pbie import PixelBasedEncryption
from miais.obfuscation.ppfr import XorEncryption

__all__ = [
    "P3",
    "BlockShuffle",
    "CombinedCatMap",
    "EncryptionThenCompression",
    "ExtendedLearnableEncryption",
    "GaussianBlur",
    "GreyEncryptionThenCompression",
    "HogEncryption",
    "LearnableEncryption",
    "Mosaic",
    "Obfuscation",
    "P3Parts",
    "PixelBasedEncryption",
    "ReversibleObfuscation",
    "XorEncryption",
    "block_hog",
    "image_key",
]
