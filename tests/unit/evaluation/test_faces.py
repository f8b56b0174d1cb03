"""The face protocol on a small world, against naive recomputation from the kept files."""

import math

import pytest
import torch
from support.systems import tiny_system

from miais.data.covers import CoverSet
from miais.data.protocol import IdentificationFiles, VerificationPairs
from miais.data.secrets import SecretSet
from miais.evaluation.face_protocol import FaceProtocol
from miais.evaluation.faces import evaluate_faces
from miais.image import from_uint8, quantize, read_image
from miais.metrics import psnr
from miais.system import load

PEOPLE, IMAGES = 6, 3


@pytest.fixture(scope="module")
def world():
    def picture(seed, *size):
        return torch.rand(3, *size, generator=torch.Generator().manual_seed(seed))

    faces = {f"p{p}/{i}.jpg": picture(10 * p + i, 32, 32) for p in range(PEOPLE) for i in range(IMAGES)}
    covers = {f"c{n}.png": picture(100 + n, 48, 48) for n in range(5)}
    pairs = [(f"p{p}/0.jpg", f"p{p}/1.jpg", True, p // 3) for p in range(PEOPLE)]
    pairs += [(f"p{p}/0.jpg", f"p{(p + 1) % 3 + 3 * (p // 3)}/2.jpg", False, p // 3) for p in range(PEOPLE)]
    first, second, same, fold = zip(*pairs, strict=True)
    protocol = FaceProtocol(
        VerificationPairs(torch.tensor(fold), first, second, torch.tensor(same)),
        IdentificationFiles(tuple(f"p{p}/0.jpg" for p in range(PEOPLE)), tuple(f"p{p}/2.jpg" for p in range(PEOPLE))),
        {name: (f"c{i % 5}.png", f"c{(i + 1) % 5}.png", f"c{(i + 2) % 5}.png") for i, name in enumerate(faces)},
    )
    secrets = SecretSet({name: name.split("/")[0] for name in faces}, faces.__getitem__, 32)
    return secrets, CoverSet(covers, covers.__getitem__), protocol


def test_scores_follow_from_the_kept_files(world, tmp_path):
    secrets, covers, protocol = world
    system = load(tiny_system(tmp_path / "tiny", multi=True))
    (report,) = evaluate_faces(system, secrets, covers, protocol, folder=tmp_path / "kept")
    names = list(protocol.covers)

    def container(name, copy):
        return read_image(tmp_path / "kept" / f"{names.index(name):05d}-{copy}.png")

    distances = torch.tensor(
        [
            [
                float((system.embed(container(a, copy)) - system.embed(container(b, copy))).norm())
                for a, b in zip(protocol.pairs.image_a, protocol.pairs.image_b, strict=True)
            ]
            for copy in range(3)
        ]
    )
    same = protocol.pairs.same
    wins = [
        (d_impostor > d_genuine)
        for row in distances
        for d_genuine in distances[:, same].flatten()
        for d_impostor in row[~same]
    ]
    assert report.hidden.verification.auc == pytest.approx(sum(map(float, wins)) / len(wins), abs=0.02)
    assert report.hidden.verification.pairs == 3 * len(same)
    assert report.container.images == 3 * len(names)
    restored = [
        float(
            psnr(
                quantize(system.restore(container(name, copy)))[None],
                from_uint8(secrets.pixels(secrets.names.index(name)))[None],
            )
        )
        for name in names
        for copy in range(3)
    ]
    assert report.restored.mean_psnr_db == pytest.approx(sum(restored) / len(restored), rel=1e-6)
    assert report.plain.verification.pairs == len(same)
    assert report.thresholds.keys() == {0.1, 0.01, 0.001}
    assert math.isnan(report.thresholds[1e-3].threshold)  # too few people


def test_rank_1_is_the_mean_over_the_three_covers(world, tmp_path):
    secrets, covers, protocol = world
    system = load(tiny_system(tmp_path / "tiny"))
    (report,) = evaluate_faces(system, secrets, covers, protocol, folder=tmp_path / "kept")
    names = list(protocol.covers)
    hits = []
    for copy in range(3):
        vectors = {
            name: system.embed(read_image(tmp_path / "kept" / f"{names.index(name):05d}-{copy}.png"))[0]
            for name in names
        }
        for probe in protocol.identification.probes:
            nearest = min(
                protocol.identification.gallery, key=lambda name: float((vectors[name] - vectors[probe]).norm())
            )
            hits.append(nearest.split("/")[0] == probe.split("/")[0])
    assert report.hidden.identification.rank_1 == pytest.approx(sum(hits) / len(hits))
    assert report.restored is None


def test_a_perfect_system_has_no_drop(world, tmp_path, monkeypatch):
    """With embeddings that only depend on the person both kinds are perfect, so the paired drop is zero."""
    secrets, covers, protocol = world
    system = load(tiny_system(tmp_path / "tiny"))
    order = list(protocol.covers)
    people = torch.eye(PEOPLE)
    asked = iter(range(10_000))
    monkeypatch.setattr(system, "embed", lambda image: people[int(order[next(asked) % len(order)][1])][None])
    monkeypatch.setattr(
        system, "embed_secret", lambda images: torch.stack([people[int(name[1])] for name in order])[: len(images)]
    )
    (report,) = evaluate_faces(system, secrets, covers, protocol)
    assert report.plain.verification.accuracy == report.hidden.verification.accuracy == 1.0
    assert report.drop.drop == report.drop.low == report.drop.high == 0.0
    assert report.hidden.identification.rank_1 == 1.0
