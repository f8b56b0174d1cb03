"""What holds for every peer."""

from itertools import pairwise
from typing import get_args

import pytest
import torch
from support.peers import CRITICS, count, on_paper, pair, small_critic, small_peer
from torch import nn

from miais.peers import PEERS, PeerName

TOTALS = {  # sums of what is stated for the networks of each
    "hiips": 2_650_656,
    "steganogan": 33_204 + 31_395,
    "hidden": 153_795 + 225_987,
    "stegnet": 74_053 + 73_924,
    "hinet": 4_050_240,
    "udh": 16_659_075 + 742_659,
}


@pytest.fixture(params=PEERS)
def name(request):
    return request.param


def test_every_name_has_a_method():
    assert set(PEERS) == set(get_args(PeerName)) == set(TOTALS)
    assert CRITICS == ["steganogan", "hidden"]
    assert [name for name, method in PEERS.items() if method.loss_reduction == "sum"] == ["hinet"]


def test_parameters_are_as_many_as_stated(name):
    # HiNet draws its own weights, which takes longer on paper.
    peer = PEERS[name].build() if name == "hinet" else on_paper(PEERS[name].build)
    assert isinstance(peer, nn.Module)
    assert count(peer) == TOTALS[name]


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 32), (15, 18), (17, 31), (14, 18)])
def test_container_and_restored_have_the_covers_shape_and_are_in_range(name, height, width):
    peer, step = small_peer(name).eval(), PEERS[name].side_step
    secret, cover = pair(1, height, width)
    with torch.no_grad():
        if height % step or width % step:
            with pytest.raises(
                ValueError, match=f"sides are multiples of {step}, got {height}x{width}; crop or resize"
            ):
                peer.hide(secret, cover)
            with pytest.raises(ValueError, match=f"container whose sides are multiples of {step}"):
                peer.reveal(cover)
            return
        container = peer.hide(secret, cover)
        restored = peer.reveal(container)
    for image in (container, restored):
        assert image.shape == cover.shape
        assert image.dtype == cover.dtype
        assert 0 <= image.min() <= image.max() <= 1


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_black_and_white_covers_stay_in_range(name, level):
    peer = small_peer(name).eval()
    secret, _ = pair()
    with torch.no_grad():
        container = peer.hide(secret, torch.full_like(secret, level))
    assert 0 <= container.min() <= container.max() <= 1


def test_every_image_is_treated_for_itself_in_use(name):
    peer = small_peer(name).eval()
    secret, cover = pair(3)
    with torch.no_grad():
        container = peer.hide(secret, cover)
        singles = torch.cat([peer.hide(secret[i : i + 1], cover[i : i + 1]) for i in range(3)])
        restored = peer.reveal(container)
        restored_singles = torch.cat([peer.reveal(container[i : i + 1]) for i in range(3)])
        others = peer.hide(secret.flip(0), cover)
    torch.testing.assert_close(singles, container, rtol=0, atol=1e-5)
    torch.testing.assert_close(restored_singles, restored, rtol=0, atol=1e-5)
    assert (others - container).abs().max() > 1e-5  # the secret is in it, if faintly before any training


def test_a_container_has_one_answer_and_inputs_are_left_alone(name):
    peer = small_peer(name).eval()
    images = pair()
    before = [image.clone() for image in images]
    with torch.no_grad():
        container = peer.hide(*images)
        kept = container.clone()
        assert torch.equal(peer.reveal(container), peer.reveal(container))
    assert all(map(torch.equal, (*images, container), (*before, kept)))


def test_the_pass_is_hide_and_reveal_but_for_clamp_and_noise(name):
    peer = small_peer(name, **({"lost": "zeros"} if name == "hinet" else {})).eval()
    secret, cover = pair()
    with torch.no_grad():
        passage = peer(secret, cover)
        torch.testing.assert_close(passage.container.clamp(0, 1), peer.hide(secret, cover))
        if name != "hinet":  # whose pass draws what is lost
            torch.testing.assert_close(passage.restored.clamp(0, 1), peer.reveal(passage.container))


def test_what_a_pass_draws_comes_from_its_generator(name):
    peer = small_peer(name).train()
    images = pair()
    with torch.no_grad():
        first, again, other = (peer(*images, random=torch.Generator().manual_seed(seed)) for seed in (3, 3, 4))
    assert torch.equal(first.restored, again.restored)
    assert torch.equal(first.restored, other.restored) == (name not in ("hiips", "hinet"))
    assert torch.equal(first.container, other.container)


def test_every_parameter_gets_a_gradient(name):
    peer = small_peer(name).train()
    secret, cover = pair(4)
    PEERS[name].native_loss(secret, cover, peer(secret, cover)).backward()
    assert all(parameter.grad is not None for parameter in peer.parameters())
    # A bias before batch normalisation changes nothing, so only weights are asked for more.
    assert all(parameter.grad.any() for parameter in peer.parameters() if parameter.dim() > 1)


def test_the_restoration_loss_reaches_the_hiding_side(name):
    peer = small_peer(name).train()
    secret, cover = pair(4)
    cover.requires_grad_()
    passage = peer(secret, cover)
    (gradient,) = torch.autograd.grad((passage.restored - secret).square().mean(), passage.container)
    assert gradient.any()


def test_some_steps_lower_the_native_loss(name):
    method, peer = PEERS[name], small_peer(name).train()
    secret, cover = pair()
    optimizer = method.optimizer.build(peer.parameters())
    losses = []
    for _ in range(6):
        loss = method.native_loss(secret, cover, peer(secret, cover, random=torch.Generator().manual_seed(5)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert all(after < before for before, after in pairwise(losses[::2])), losses


def test_perfect_networks_have_no_native_loss(name):
    secret, cover = pair()
    passage = type(small_peer(name)(secret, cover))(cover, secret)
    assert PEERS[name].native_loss(secret, cover, passage) == 0


def test_answers_keep_the_images_precision_under_autocast(name):
    peer = small_peer(name).eval()
    secret, cover = pair()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        passage = peer(secret, cover)
    assert passage.container.dtype == passage.restored.dtype == torch.float32


@pytest.mark.parametrize(
    ("secret", "cover", "error", "message"),
    [
        ((1, 3, 32, 32), (1, 3, 32, 64), ValueError, "one shape"),
        ((1, 3, 32, 32), (2, 3, 32, 32), ValueError, "one shape"),
        ((1, 1, 32, 32), (1, 1, 32, 32), ValueError, r"secret of shape \(N, 3, H, W\)"),
        ((3, 32, 32), (3, 32, 32), ValueError, r"one image is image\[None\]"),
        ((0, 3, 32, 32), (0, 3, 32, 32), ValueError, r"got \(0, 3, 32, 32\)"),
    ],
)
def test_other_shapes_are_refused(name, secret, cover, error, message):
    with pytest.raises(error, match=message):
        small_peer(name).hide(torch.zeros(secret), torch.zeros(cover))


def test_bytes_are_refused(name):
    peer = small_peer(name)
    with pytest.raises(TypeError, match=r"floating-point container in \[0, 1\], got torch.uint8"):
        peer.reveal(torch.zeros(1, 3, 32, 32, dtype=torch.uint8))


@pytest.mark.parametrize("name", CRITICS)
class TestCritics:
    def test_every_weight_gets_a_gradient_and_the_container_none(self, name):
        critic = small_critic(name).train()
        _, cover = pair()
        container = (cover + 0.1).requires_grad_()
        critic.critic_loss(cover, container).backward()
        assert container.grad is None
        assert all(parameter.grad is not None for parameter in critic.parameters())

    def test_the_peer_moves_by_its_critic_and_the_critic_does_not(self, name):
        critic, peer = small_critic(name).train(), small_peer(name).train()
        critic.hider_loss(peer(*pair()).container).backward()
        assert all(parameter.grad is None for parameter in critic.parameters())
        assert all(parameter.grad is not None for parameter in peer.generator.parameters())
        assert all(parameter.grad is None for parameter in peer.restorer.parameters())

    def test_some_steps_lower_the_critics_loss(self, name):
        critic, peer = small_critic(name).train(), small_peer(name).train()
        secret, cover = pair(4)
        container = peer(secret, cover).container
        optimizer = PEERS[name].critic.optimizer.build(critic.parameters())
        critic.after_step()  # SteganoGAN's first clip is no step
        losses = []
        for _ in range(6):
            loss = critic.critic_loss(cover, container)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            critic.after_step()
            losses.append(float(loss.detach()))
        assert losses[-1] < losses[0], losses
