"""One part is written while the next is computed: one at a time, and to the end."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from pipelines.steps.behind import one_behind


def test_a_piece_of_work_runs_beside_its_caller_and_the_next_waits_for_it() -> None:
    goes_on, done = threading.Event(), list[int]()

    def first() -> None:
        assert goes_on.wait(10)
        done.append(1)

    with one_behind() as do:
        do(first)
        assert not done
        goes_on.set()
        do(done.append, 2)
        assert done[0] == 1
    assert done == [1, 2]


def test_an_error_is_raised_in_the_caller_and_nothing_is_begun_after_it() -> None:
    done = list[int]()

    def write(*pieces: Callable[[], object]) -> None:
        with one_behind() as do:
            for piece in pieces:
                do(piece)

    with pytest.raises(ZeroDivisionError):
        write(lambda: 1 // 0, lambda: done.append(2))
    assert not done
    with pytest.raises(ZeroDivisionError):
        write(lambda: done.append(1), lambda: 1 // 0)
    assert done == [1]


def test_what_was_begun_is_ended_where_the_caller_fails() -> None:
    goes_on, done = threading.Event(), list[int]()

    def write() -> None:
        assert goes_on.wait(10)
        done.append(1)

    def fail() -> None:
        with one_behind() as do:
            do(write)
            goes_on.set()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert done == [1]
