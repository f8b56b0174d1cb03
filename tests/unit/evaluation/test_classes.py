"""Classification from saved files, against a count by hand."""

import torch
from support.systems import tiny_system

from miais.data.covers import CoverSet
from miais.data.secrets import SecretSet
from miais.evaluation.classes import assigned_crops, evaluate_classes
from miais.image import from_uint8, read_image
from miais.system import load


def some_secrets():
    pictures = {f"{n % 3}/{n}": torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(n)) for n in range(5)}
    return SecretSet({name: name[0] for name in pictures}, pictures.__getitem__, 32)


def some_covers():
    pictures = {f"p{n}": torch.rand(3, 80, 100, generator=torch.Generator().manual_seed(50 + n)) for n in range(4)}
    return CoverSet(pictures, pictures.__getitem__)


def test_scores_equal_a_count_over_the_kept_files(tmp_path):
    system = load(tiny_system(tmp_path / "tiny"))
    secrets, seen = some_secrets(), []
    crops = assigned_crops(some_covers(), len(secrets), 64)
    (report,) = evaluate_classes(
        system, secrets, crops, folder=tmp_path / "kept", progress=lambda done, total: seen.append((done, total))
    )
    hidden, plain = [], []
    for index in range(len(secrets)):
        label = int(secrets.labels[index])
        plain.append(int(system.classify_secret(from_uint8(secrets.pixels(index)))[0]) == label)
        for copy in range(3):
            container = read_image(tmp_path / "kept" / f"{index:05d}-{copy}.png")
            hidden.append(int(system.classify(container)[0]) == label)
    assert report.accuracy == sum(hidden) / 15
    assert report.plain_accuracy == sum(plain) / 5
    assert abs(report.drop.drop - 100 * (report.plain_accuracy - report.accuracy)) < 1e-9
    assert report.drop.low <= report.drop.drop <= report.drop.high
    assert report.container.images == 15
    assert seen[-1] == (15, 15)


def test_crops_are_the_same_every_time_and_differ_between_copies():
    first, again = (assigned_crops(some_covers(), 4, 48) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert len(one) == 3
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
        assert not torch.equal(one[0], one[1])
        assert one[0].shape == (3, 48, 48)
