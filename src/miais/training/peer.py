"""Training of a peer: its own loss and its own critic and, beside them, recognition on its containers.

With recognition these are the starred methods of the paper's Table VI, which says no more of them than that
cross-entropy and triplet loss are added and all is trained jointly: no content loss and no minimax.
"""

from collections.abc import Callable
from typing import Any

import torch
from lightning.fabric import Fabric
from torch import Tensor

from miais.data.batches import Batch
from miais.image import quantize, resize
from miais.losses import restoration_loss, visual_similarity_loss
from miais.peers import PEERS, CriticMethod
from miais.peers.networks import PeerGenerator
from miais.training.hiding import HidingTask
from miais.training.minimax import StageLoss, identity_loss
from miais.training.minimax_networks import MinimaxNetworks, Stage
from miais.training.objective_settings import require
from miais.training.settings import PeerSettings, Recipe
from miais.training.task import Validation


class PeerTask(HidingTask):
    """The joint objective with a peer's native loss, under the same pressure, in the place of L_vis and L_res.

    A critic takes its turn on every batch, also SteganoGAN's, which has whole epochs for itself in its authors' code:
    short trainings have no epochs to give it.

    Args:
        fabric: Device and precision.
        networks: Of the kind "peer", the restorer sharing the generator's weights.
        recipe: With `peer` set, and joint from the first step to the last.
        validate: As for `HidingTask`.

    Raises:
        ValueError: If the networks are not a peer's, or the recipe has stages.
    """

    def __init__(
        self,
        fabric: Fabric,
        networks: MinimaxNetworks,
        recipe: Recipe,
        validate: Callable[[MinimaxNetworks, float | None], Validation],
    ) -> None:
        super().__init__(fabric, networks, recipe, validate)
        generator = networks.generator
        if not isinstance(generator, PeerGenerator):
            raise ValueError(f"recipe {recipe.name}: expected networks of the kind 'peer', got {type(generator)}")
        require(
            recipe.minimax.joint_steps >= recipe.phase.steps,
            f"recipe {recipe.name}: a peer has no stages; expected minimax.joint_steps of {recipe.phase.steps} or more",
        )
        self.settings = recipe.peer or PeerSettings()
        self.peer, self.method = generator.peer, PEERS[generator.method]
        critic = self.method.critic
        self.critic = None if critic is None else _CriticTurns(fabric, critic, recipe)

    def _loss(self, stage: Stage, batch: Batch, progress: float, random: torch.Generator) -> StageLoss:
        sample, settings = self._sample(batch), self.recipe.minimax
        secrets, covers = sample.secrets, resize(sample.covers, tuple(sample.secrets.shape[-2:]))  # type: ignore[arg-type]
        with self.fabric.autocast():
            passage = self.peer(secrets, covers, random=random)
            native = self.method.native_loss(secrets, covers, passage)
            terms = {"native": native / secrets.numel() if self.method.loss_reduction == "sum" else native}
            if self.critic is not None:
                self.critic.turn(covers, passage.container)
                terms["critic"] = self.critic.network.hider_loss(passage.container)
            total = self.settings.native * self.pressure.factor() * torch.stack(list(terms.values())).sum()
            with torch.no_grad():  # what the pressure watches, as for every other method
                terms["visual"] = visual_similarity_loss(
                    passage.container, covers, variant=settings.losses.ms_ssim, mse_weight=settings.losses.visual_mse
                )
                terms["restoration"] = restoration_loss(
                    passage.restored,
                    secrets,
                    variant=settings.losses.ms_ssim,
                    mse_weight=settings.losses.restoration_mse,
                )
            if settings.joint.identity:
                seen = quantize(passage.container)
                terms["identity"] = identity_loss(
                    self.networks.classifiers[0](seen), sample.labels, settings.losses.identity
                )
                total = total + settings.joint.identity * terms["identity"]
        return StageLoss(total, terms)

    def state_dict(self) -> dict[str, Any]:
        """Return all that an exact resume needs."""
        return super().state_dict() | ({} if self.critic is None else {"critic": self.critic.state_dict()})

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        super().load_state_dict(state)
        if self.critic is not None:
            self.critic.load_state_dict(state["critic"])


class _CriticTurns:
    """A critic with its optimiser."""

    def __init__(self, fabric: Fabric, method: CriticMethod, recipe: Recipe) -> None:
        torch.manual_seed(recipe.seed + 2)
        self.fabric = fabric
        self.network = method.build(**(recipe.peer or PeerSettings()).critic_arguments)
        fabric.to_device(self.network)
        self.optimizer = method.optimizer.build(self.network.parameters())

    def turn(self, covers: Tensor, containers: Tensor) -> None:
        """Do a step, unless the loss is not finite: then the peer's is not either, and its step will be skipped."""
        loss = self.network.critic_loss(covers, containers)
        if not loss.isfinite():
            return
        self.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        self.optimizer.step()
        self.network.after_step()

    def state_dict(self) -> dict[str, Any]:
        """Return network and optimiser."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
