"""Who is told how far a run is: nobody, unless a command puts a listener here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Listener(Protocol):
    """Hears of steps as they begin, of parts of a step as they are done, and of the error that ends one."""

    def begin(self, step: str) -> None:
        """A step begins."""

    def advance(self, done: int, total: int) -> None:
        """So many parts of the current step are done."""

    def fail(self, error: Exception) -> None:
        """The current step ended with this error."""


class Silence:
    """The listener that does nothing."""

    def begin(self, step: str) -> None:
        """Nothing."""

    def advance(self, done: int, total: int) -> None:
        """Nothing."""

    def fail(self, error: Exception) -> None:
        """Nothing."""


_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


def listener() -> Listener:
    """Whoever listens now."""
    return _LISTENER.get() or Silence()


@contextmanager
def listening(who: Listener) -> Iterator[None]:
    """Let somebody listen for a while."""
    token = _LISTENER.set(who)
    try:
        yield
    finally:
        _LISTENER.reset(token)
