import json
from dataclasses import replace

import pytest
import torch
from sklearn.metrics import accuracy_score, roc_auc_score, roc_curve

from miais.steganalysis.learned.detector import Detector, DetectorCard, load_detector
from miais.steganalysis.learned.kinds import KINDS
from miais.steganalysis.learned.pairs import StegoPair
from miais.steganalysis.learned.scores import calibration, clean_scores, detection_scores, score_pairs


def make_detector(kind="yedroudj", size=32, **card):
    torch.manual_seed(1)
    return Detector(DetectorCard(kind, size, "differences", "nothing", **card), KINDS[kind].build(size, "differences"))


def pictures(count, height=40, width=70, seed=0):
    return torch.randint(256, (count, 3, height, width), generator=torch.Generator().manual_seed(seed)).byte()


@pytest.mark.parametrize("kind", list(KINDS))
def test_saved_and_loaded_it_says_the_same(kind, tmp_path):
    detector = make_detector(kind, 128, clean={"mine": [0.2, 0.4]}, scores={"auc": 0.9})
    detector.save(tmp_path / "detector")
    loaded = load_detector(tmp_path / "detector")
    image = pictures(1, 128, 130)[0]
    assert loaded.score(image) == detector.score(image)
    assert loaded.card == detector.card
    assert [path.name for path in tmp_path.iterdir()] == ["detector"]


def test_a_picture_is_judged_by_the_mean_of_its_squares():
    detector, image = make_detector(), pictures(1)[0]
    squares = torch.stack([image[:, 4:36, 3:35], image[:, 4:36, 35:67]])
    with torch.inference_mode():
        logits = detector.network(squares.float() / 255)
    expected = (logits[:, 1] - logits[:, 0]).mean().sigmoid()
    assert detector.score(image) == pytest.approx(float(expected), abs=1e-5)


def test_false_alarms_are_shares_of_clean_pictures_that_score_as_much():
    detector = make_detector(clean={"a": [0.1, 0.5, 0.5, 0.9], "none": []})
    assert detector.false_alarms(0.5) == {"a": 0.75}
    assert detector.false_alarms(0.95) == {"a": 0.0}


def test_clean_scores_leave_out_what_is_too_small():
    detector = make_detector()
    scores = clean_scores(detector, [*pictures(3), pictures(1, 31, 40)[0]])
    assert len(scores) == 3
    assert scores == sorted(scores)


def test_scores_are_those_of_scikit_learn():
    random = torch.Generator().manual_seed(2)
    covers, containers = torch.rand(60, generator=random), (torch.rand(60, generator=random) + 0.2).clamp(max=1)
    cover_of = torch.arange(60) // 3
    found = detection_scores(covers, containers, cover_of)
    labels = [0] * 60 + [1] * 60
    both = torch.cat([covers, containers])
    assert found.auc == pytest.approx(roc_auc_score(labels, both))
    assert found.accuracy == pytest.approx(accuracy_score(labels, both > 0.5))
    assert found.accuracy == pytest.approx((found.tpr + 1 - found.fpr) / 2)
    assert found.accuracy_low < found.accuracy < found.accuracy_high
    assert found.auc_low < found.auc < found.auc_high
    assert (found.pairs, found.covers) == (60, 20)
    false, true, _ = roc_curve(labels, both, drop_intermediate=False)
    assert found.tpr_at_5 == pytest.approx(true[false <= 0.05].max())


def test_pairs_are_scored_square_by_square_and_as_whole_pictures():
    images = pictures(4)
    pairs = [StegoPair(f"c{n // 2}", None, lambda draw, n=n: (images[n], images[n] ^ 1)) for n in range(4)]
    detector = make_detector()
    found = score_pairs(detector, pairs)
    assert (found.squares.pairs, found.squares.covers) == (8, 2)
    assert (found.pictures.pairs, found.pictures.covers) == (4, 2)
    seen = [[detector.score(pair.load(0)[side]) for pair in pairs] for side in (1, 0)]  # containers first
    assert found.clean == pytest.approx(sorted([seen[1][0], seen[1][2]]))
    assert found.pictures.tpr == sum(score > 0.5 for score in seen[0]) / 4
    assert found.pictures.auc == pytest.approx(
        roc_auc_score([1] * 4 + [0] * 4, [*seen[0], seen[1][0], seen[1][0], seen[1][2], seen[1][2]])
    )


def test_calibration_puts_the_threshold_where_both_errors_are_equally_many():
    """Covers have odds around 2 and containers around 6: their middle is not 0, and their spread no probability."""
    random = torch.Generator().manual_seed(3)
    odds = {side: torch.randn(400, generator=random) * 2 + middle for side, middle in ((0, 2.0), (1, 6.0))}

    class Known(Detector):
        def logits(self, squares):
            return odds[int(squares[0, 0, 0, 0])][int(squares[0, 1, 0, 0]) * 200 + int(squares[0, 2, 0, 0])][None]

    def pictures_of(number):
        at = [number // 200, number % 200]
        return tuple(torch.tensor([side, *at], dtype=torch.uint8).view(3, 1, 1).expand(3, 32, 32) for side in (0, 1))

    pairs = [StegoPair(f"c{number}", None, lambda draw, number=number: pictures_of(number)) for number in range(400)]
    scale, offset = calibration(Known(make_detector().card, make_detector().network), pairs)
    assert -offset / scale == pytest.approx(4, abs=0.3)
    assert scale == pytest.approx(1, abs=0.15)  # the log odds of two normal distributions: (6 - 2) / 2**2


def test_calibration_leaves_a_detector_alone_that_tells_nothing_apart():
    pairs = [StegoPair(f"c{n}", None, lambda draw, n=n: (pictures(4)[n], pictures(4)[n])) for n in range(4)]
    assert calibration(make_detector(), pairs) == (1.0, 0.0)


def test_a_calibrated_detector_scores_by_its_card(tmp_path):
    plain, image = make_detector(), pictures(1)[0]
    calibrated = Detector(replace(plain.card, scale=2.0, offset=-1.0), plain.network)
    calibrated.save(tmp_path / "d")
    assert load_detector(tmp_path / "d").logits(image[None, :, :32, :32]) == pytest.approx(
        2 * plain.logits(image[None, :, :32, :32]) - 1
    )


def test_another_file_than_the_cards_is_refused(tmp_path):
    make_detector().save(tmp_path / "a")
    weights = tmp_path / "a" / "detector.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\1\2\3\4")
    with pytest.raises(ValueError, match="not the file that the card describes"):
        load_detector(tmp_path / "a")


@pytest.mark.parametrize("change", [{"kind": "stegnet"}, {"colours": "hsv"}, {"scale": "2"}, {"more": 1}])
def test_a_card_that_is_none_is_refused(change, tmp_path):
    make_detector().save(tmp_path / "a")
    card = tmp_path / "a" / "detector.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), **change}))
    with pytest.raises(ValueError, match=r"detector\.json: expected"):
        load_detector(tmp_path / "a")


def test_a_folder_without_a_detector_says_how_to_make_one(tmp_path):
    with pytest.raises(FileNotFoundError, match="miais train steganalyser"):
        load_detector(tmp_path)
