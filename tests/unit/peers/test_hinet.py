import pytest
import torch
from support.peers import count, pair, small_peer

from miais.peers import Passage
from miais.peers.haar import haar
from miais.peers.hinet import METHOD, HiNet


def test_parameters_of_each_subnet_are_as_many_as_stated():
    first = HiNet(blocks=1).blocks.blocks[0]
    assert [count(subnet) for subnet in (first.phi, first.rho, first.eta)] == [84_380] * 3


def test_weights_start_small_and_the_last_ones_at_zero():
    torch.manual_seed(0)
    subnet = HiNet(blocks=1).blocks.blocks[0].eta
    *others, last = subnet.convolutions
    assert not any(parameter.any() for parameter in last.parameters())
    weights, biases = (torch.cat([getattr(each, kind).flatten() for each in others]) for kind in ("weight", "bias"))
    assert weights.std().item() == pytest.approx(0.01, rel=0.02)
    assert biases.std().item() == pytest.approx(0.01, rel=0.2)


def test_loss_sums_squared_errors_and_those_of_the_low_frequencies():
    zeros = torch.zeros(2, 3, 4, 4)
    # An even change c is 2c in a quarter as many values of LL: as much again.
    loss = METHOD.native_loss(zeros, zeros, Passage(zeros + 0.1, zeros + 0.2))
    assert loss.item() == pytest.approx(zeros.numel() * (5 * 0.04 + 0.01 + 0.01))


def test_loss_counts_what_alternates_once():
    zeros = torch.zeros(1, 3, 4, 4)
    alternating = torch.tensor([0.1, -0.1]).repeat(2).expand_as(zeros)
    loss = METHOD.native_loss(zeros, zeros, Passage(alternating, zeros))
    assert loss.item() == pytest.approx(zeros.numel() * 0.01)


def test_backwards_undoes_forwards_where_nothing_is_lost():
    peer = small_peer("hinet").double().eval()
    secret, cover = pair(dtype=torch.float64)
    with torch.no_grad():
        container, lost = peer.run_forwards(secret, cover)
        found = peer.run_backwards(container, lost)
    assert (container - cover).abs().max() > 1e-3
    torch.testing.assert_close(found, (secret, cover), rtol=0, atol=1e-12)


def test_reveal_is_exact_where_what_is_lost_is_what_it_guesses():
    """Run backwards from a container and the guess, then forwards: of that pair nothing is lost that reveal misses."""
    for arguments in ({"lost": "zeros"}, {"lost": "noise", "seed": 7}):
        peer = small_peer("hinet", **arguments).double().eval()
        container, _ = pair(1, 8, 8, dtype=torch.float64)
        guess = torch.zeros_like(haar(container))
        if arguments["lost"] == "noise":
            guess = torch.randn(guess.shape, generator=torch.Generator().manual_seed(7)).double()
        with torch.no_grad():
            secret, cover = peer.run_backwards(container, guess)
            again, lost = peer.run_forwards(secret, cover)
            torch.testing.assert_close((again, lost), (container, guess), rtol=0, atol=1e-12)
            torch.testing.assert_close(peer.reveal(container), secret.clamp(0, 1), rtol=0, atol=1e-6)


def test_a_wrong_guess_is_not_exact():
    peer = small_peer("hinet").eval()
    secret, cover = pair()
    with torch.no_grad():
        container, lost = peer.run_forwards(secret, cover)
        restored, _ = peer.run_backwards(container, torch.zeros_like(lost))
    assert (restored - secret).abs().max() > 0.1


def test_a_fresh_network_hides_nothing():
    secret, cover = pair()
    with torch.no_grad():
        peer = HiNet(blocks=2, growth=4).eval()
        torch.testing.assert_close(peer.hide(secret, cover), cover)
        assert not HiNet(blocks=2, growth=4, lost="zeros").reveal(cover).any()


def test_noise_in_use_is_one_for_all_images_and_depends_on_the_seed():
    cover = pair(1)[1].expand(3, -1, -1, -1)
    peers = [small_peer("hinet", seed=seed).eval() for seed in (0, 1)]
    with torch.no_grad():
        first, other = (peer.reveal(cover) for peer in peers)
    torch.testing.assert_close(first[0], first[2])
    assert not torch.allclose(first, other)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"blocks": 0}, "at least 1 block"), ({"growth": 0}, "growth of at least 1"), ({"lost": "x"}, "got 'x'")],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        HiNet(**arguments)
