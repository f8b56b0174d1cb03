"""The starred methods of the paper's Table VI: peers that also learn to be recognised, jointly and without minimax."""

from dataclasses import replace

from miais.networks.spec import NetworkSpec
from miais.peers import PEERS, PeerName
from miais.recipes.paper import paper_multi
from miais.training.objective_settings import GeneratorWeights, IdentitySettings
from miais.training.settings import OptimizerSettings, PeerSettings, Recipe


def peer_recipe(method: PeerName) -> Recipe:
    """A peer with cross-entropy and triplet loss on its containers, at 256 px.

    Its networks move as its authors move them, the classifier as in the joint baseline of MIAIS' released code.
    `minimax.joint.identity=0` trains the peer alone.

    Args:
        method: Key of `PEERS`.
    """
    multi, peer = paper_multi(), PEERS[method]
    spec, adam = NetworkSpec("peer", {"method": method}), peer.optimizer
    return replace(
        multi,
        name=f"peer_{method}",
        description=f"{peer.title}* of Table VI: its own losses and recognition, 256 px",
        networks=replace(multi.networks, generator=spec, restorer=spec),
        minimax=replace(
            multi.minimax,
            losses=replace(multi.minimax.losses, identity=IdentitySettings()),
            joint=GeneratorWeights(discrepancy=0.0),
            joint_steps=multi.phase.steps,
        ),
        generator_optimizer=OptimizerSettings(
            "adam",
            lr=adam.lr,
            momentum=adam.betas[0],
            second_beta=adam.betas[1],
            eps=adam.eps,
            weight_decay=adam.weight_decay,
            clip_norm=adam.clip_norm,
        ),
        classifier_optimizer=OptimizerSettings("adam", lr=1e-3, weight_decay=0.0),
        peer=PeerSettings(),
    )
