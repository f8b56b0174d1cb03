"""Wavelet-domain invertible hiding: one set of blocks hides when it runs forwards and restores when it runs backwards.

`haar` goes to sub-bands and back, `blocks` is what can be run both ways; generator and restorer are the paper's h and r
on top of them.

References:
    Jing et al., HiNet: Deep Image Hiding by Invertible Network, ICCV 2021.
"""
