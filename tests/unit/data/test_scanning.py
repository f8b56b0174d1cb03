import logging
import threading

import pytest

from miais.data.scanning import find_unreadable
from miais.image import ImageError

NAMES = [f"{index}.png" for index in range(200)]


def decode_except(bad, error=ImageError):
    def decode(index):
        if index in bad:
            raise error(f"{NAMES[index]} is broken")

    return decode


def test_unreadable_images_are_found_and_logged(caplog):
    with caplog.at_level(logging.WARNING):
        assert find_unreadable(NAMES, decode_except({150, 7})) == [7, 150]
    assert "7.png is broken" in caplog.text
    assert "2 of 200 images" in caplog.text


def test_more_than_one_per_cent_is_refused_with_the_names():
    with pytest.raises(ValueError, match=r"3 of 200 images.*7\.png, 8\.png, 9\.png"):
        find_unreadable(NAMES, decode_except({7, 8, 9}, OSError))


def test_other_errors_are_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        find_unreadable(NAMES, decode_except({7}, ZeroDivisionError))


def test_every_image_is_decoded_once_and_progress_reaches_the_end():
    seen, steps = [], []
    find_unreadable(NAMES, seen.append, workers=3, progress=lambda done, total: steps.append((done, total)))
    assert sorted(seen) == list(range(200))
    assert steps == [(done, 200) for done in range(1, 201)]


def test_workers_decode_at_the_same_time():
    meeting = threading.Barrier(2, timeout=30)
    assert find_unreadable(NAMES[:2], lambda _: meeting.wait(), workers=2) == []
