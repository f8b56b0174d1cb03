import pytest
import torch

from miais.image import quantize, resize
from miais.networks.lattice.channel import LatticeChannel

KEY = "00112233445566778899aabbccddeeff" * 2
OTHER_KEY = "ff" * 32


def make_channel(carrier="pixels", **arguments):
    defaults = {"pixels": {"repeats": 8, "step": 4.0}, "spectrum": {"repeats": 8, "step": 60.0}}[carrier]
    return LatticeChannel(carrier=carrier, **{"key": KEY, **defaults, **arguments})


def picture_and_message(height=128, width=160, symbols=40, batch=2):
    random = torch.Generator().manual_seed(4)
    clouds = resize(torch.rand(batch, 3, 12, 12, generator=random), (height, width))
    message = (torch.rand(batch, symbols, generator=random) - 0.5) * 0.5
    return quantize(0.15 + 0.7 * clouds), message


def decoded(channel, images, symbols=40):
    waves = channel.read(images, symbols)
    return torch.atan2(waves[..., 1], waves[..., 0]) / (2 * torch.pi)


@pytest.mark.parametrize("carrier", ["pixels", "spectrum"])
@pytest.mark.parametrize(("height", "width"), [(64, 64), (67, 201), (128, 160), (512, 100)])
def test_message_comes_back_from_an_8_bit_picture_of_any_size(carrier, height, width):
    images, message = picture_and_message(height, width)
    channel = make_channel(carrier)
    written = quantize(channel.write(message, images))
    assert written.shape == images.shape
    assert (decoded(channel, written) - message).abs().max() < 0.04


@pytest.mark.parametrize("carrier", ["pixels", "spectrum"])
def test_another_key_reads_nothing(carrier):
    images, message = picture_and_message()
    written = quantize(make_channel(carrier).write(message, images))
    here, elsewhere = (make_channel(carrier, key=key).read(written, 40).norm(dim=-1) for key in (KEY, OTHER_KEY))
    assert here.mean() > 0.75  # rounding to whole levels, a quarter of a cycle each, spreads the places
    assert elsewhere.mean() < 0.5  # what the mean of eight random directions leaves is 0.31


@pytest.mark.parametrize("carrier", ["pixels", "spectrum"])
def test_a_key_that_is_given_later_counts(carrier):
    """The nonce once kept the first key: with another one, everybody still read everything."""
    images, message = picture_and_message()
    channel = make_channel(carrier, key=OTHER_KEY)
    channel.key = bytes.fromhex(KEY)
    written = quantize(channel.write(message, images))
    assert torch.equal(written, quantize(make_channel(carrier).write(message, images)))
    assert make_channel(carrier, key=OTHER_KEY).read(written, 40).norm(dim=-1).mean() < 0.5


def test_spectrum_survives_rescaling_and_back_and_pixels_do_not():
    images, message = picture_and_message(256, 256)
    errors = {}
    for carrier in ("pixels", "spectrum"):
        channel = make_channel(carrier)
        written = quantize(channel.write(message, images))
        arrived = quantize(resize(resize(written, (128, 128)), (256, 256)))
        errors[carrier] = float((decoded(channel, arrived) - message).abs().mean())
    assert errors["spectrum"] < 0.04
    assert errors["pixels"] > 0.1


def test_two_messages_under_one_key_do_not_disturb_each_other():
    images, message = picture_and_message()
    first, second = make_channel(), make_channel(skip=8 * 40)
    written = second.write(-message, first.write(message, images))
    assert (decoded(first, written) - message).abs().max() < 0.04
    assert (decoded(second, written) + message).abs().max() < 0.04


def test_both_of_two_messages_get_their_gradients():
    """The second one once cut off the first."""
    images, message = picture_and_message()
    messages = [message.clone().requires_grad_(), (-message).requires_grad_()]
    channels = [make_channel(), make_channel(skip=8 * 40)]
    written = images
    for channel, each in zip(channels, messages, strict=True):
        written = channel.write(each, written)
    for channel, each in zip(channels, messages, strict=True):
        waves = channel.read(written, 40)
        (gradient,) = torch.autograd.grad(waves[..., 1].sum(), each, retain_graph=True)
        torch.testing.assert_close(gradient, 2 * torch.pi * waves[..., 0].detach(), atol=1e-2, rtol=1e-2)


@pytest.mark.parametrize("carrier", ["pixels", "spectrum"])
def test_precision_of_autocast_changes_nothing(carrier):
    """In bfloat16 a grey level of 200 is one of 200, 201, 202 ... no longer: phases would be noise."""
    images, message = picture_and_message()
    channel = make_channel(carrier)
    plain = channel.write(message, images)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = channel.write(message, images)
        read = channel.read(mixed, 40)
    assert torch.equal(plain, mixed)
    assert torch.equal(read, channel.read(plain, 40))


@pytest.mark.parametrize("carrier", ["pixels", "spectrum"])
def test_each_picture_is_written_and_read_for_itself(carrier):
    images, message = picture_and_message()
    channel = make_channel(carrier)
    together = channel.write(message, images)
    apart = torch.cat([channel.write(message[i : i + 1], images[i : i + 1]) for i in range(2)])
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=0)


@pytest.mark.parametrize("carrier", ["pixels", "spectrum"])
def test_training_goes_on_after_inference_has_asked_for_the_places(carrier):
    """Places were kept as tensors of inference, and the first training step of that size after a validation failed."""
    images, message = picture_and_message(96, 104)
    channel = make_channel(carrier, key="0f" * 32)
    with torch.inference_mode():
        channel.read(channel.write(message, images), 40)
    message.requires_grad_()
    channel.read(channel.write(message, images), 40).sum().backward()
    assert message.grad.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"key": "12"}, "key of 64 hexadecimal digits"),
        ({"key": "zz" * 32}, "key of 64 hexadecimal digits"),
        ({"key": None}, "hexadecimal digits, got NoneType"),
        ({"carrier": "air"}, "'pixels' or 'spectrum'"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LatticeChannel(**{"key": KEY, "repeats": 4, **arguments})


def test_picture_without_room_is_refused():
    with pytest.raises(ValueError, match="larger cover"):
        make_channel().write(torch.zeros(1, 40), torch.rand(1, 3, 3, 4))
