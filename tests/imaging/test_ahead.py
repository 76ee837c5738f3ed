"""Images are read ahead, and nobody can tell by the order or the errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from sigsearch.imaging.ahead import REACH, ahead


def halved(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number // 2


def test_each_item_has_its_own_result_or_error():
    for number, result in ahead(halved, range(200), threads=3):
        if number % 2:
            with pytest.raises(ValueError, match=f"{number} is odd"):
                result.result()
        else:
            assert result.result() == number // 2


def test_items_keep_their_order():
    assert [number for number, _ in ahead(halved, range(100), threads=4)] == list(range(100))


def test_only_so_many_are_taken_ahead():
    taken = 0

    def numbers() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    for number, _ in ahead(halved, numbers(), threads=2):
        assert taken <= number + 2 * REACH


def test_work_is_done_by_others():
    me = threading.get_ident()
    assert all(result.result() != me for _, result in ahead(lambda _: threading.get_ident(), "ab"))


def test_what_came_before_an_error_of_the_items_is_given_first():
    def numbers() -> Iterator[int]:
        yield from (2, 4)
        raise KeyError("no more")

    items = ahead(halved, numbers(), threads=2)
    assert [next(items)[1].result() for _ in range(2)] == [1, 2]
    with pytest.raises(KeyError, match="no more"):
        next(items)


def test_whoever_stops_early_leaves_no_thread_behind():
    before = threading.active_count()
    items = ahead(halved, range(1000), threads=2)
    next(items)
    items.close()
    assert threading.active_count() == before
