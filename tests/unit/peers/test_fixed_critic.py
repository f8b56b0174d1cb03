import torch
from support.peers import pair
from torch import nn

from miais.peers.fixed_critic import score_with_fixed_weights


def test_scores_are_those_of_a_plain_call_and_so_is_the_images_gradient():
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(), nn.Linear(72, 1))
    image = pair(2, 8, 8)[0].requires_grad_()
    (plain,) = torch.autograd.grad(critic(image).sum(), image)
    scores = score_with_fixed_weights(critic, image)
    torch.testing.assert_close(scores, critic(image))
    scores.sum().backward()
    torch.testing.assert_close(image.grad, plain)
    assert all(parameter.grad is None for parameter in critic.parameters())


def test_batch_statistics_move_as_in_a_plain_call():
    critic, twin = nn.BatchNorm2d(3), nn.BatchNorm2d(3)
    image = pair(2, 8, 8)[0]
    score_with_fixed_weights(critic, image)
    twin(image)
    torch.testing.assert_close(critic.state_dict(), twin.state_dict())
    assert critic.running_mean.any()
