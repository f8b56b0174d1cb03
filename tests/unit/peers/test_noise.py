import torch

from miais.peers.noise import standard_normal


def test_noise_is_standard_normal_in_the_type_of_the_tensor():
    like = torch.zeros(1, 12, 64, 64, dtype=torch.float64)
    noise = standard_normal(like, torch.Generator().manual_seed(0))
    assert noise.shape == like.shape
    assert noise.dtype == like.dtype
    assert abs(noise.mean()) < 0.02
    assert abs(noise.std() - 1) < 0.02


def test_without_a_generator_torchs_own_is_drawn_from():
    like = torch.zeros(4)
    torch.manual_seed(3)
    first = standard_normal(like, None)
    assert not torch.equal(standard_normal(like, None), first)
    torch.manual_seed(3)
    assert torch.equal(standard_normal(like, None), first)
