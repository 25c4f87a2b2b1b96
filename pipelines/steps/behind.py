"""Writing one part while the next is computed.

Belongs here: the one thread that writes. What is written, and in which transaction, is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any


@contextmanager
def one_behind() -> Iterator[Callable[..., None]]:
    """Gives a function that does a piece of work (a callable and its arguments) beside the caller, one at a time.

    Each waits until the one before is done, and all are at the end: memory holds two parts at most. An error is raised
    in the caller, from the next piece or at the end, and nothing is begun after it. Where the caller fails, what was
    begun is ended all the same.
    """
    with ThreadPoolExecutor(1) as pool:
        begun: list[Future[Any]] = []

        def do(work: Callable[..., Any], *arguments: Any) -> None:
            if begun:
                begun.pop().result()
            begun.append(pool.submit(work, *arguments))

        yield do
        if begun:
            begun.pop().result()
