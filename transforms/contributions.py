"""Why one node's score moved: its change split over its parts and the change of their weights.

Belongs here: the split at a single level, for many nodes at once. How the parts of parts reach the KPIs is
``movement.py``.

A part replaces its earlier score by its present one, part after part under the earlier weights, then the weights
change; and once more the other way round, the weights first and the parts from last to first under the present weights.
Each step's effect on the node is counted, and the mean of both orders is the contribution: the effects of either order
telescope to the whole change, whatever the method of the roll-up, and for a weighted mean under constant weights a
part's contribution is its weight times its change. Source: the average of two mirrored sequential decompositions, as
in structural decomposition analysis (Dietzenbacher and Los, 1998, Economic Systems Research 10(4)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.combining import Combining, Flags
from transforms.grid import Floats

# Below this a part's own change is too small to divide by; its pull is then measured by a nudge of this size.
SMALLEST, NUDGE = 1e-10, 1e-3


@dataclass(frozen=True)
class Ends:
    """The parts of many nodes at two moments: one row a node, one column a part, padded with parts absent at both.

    ``weights_then`` and ``weights_now`` are declared weights on any scale (of a part that applies at one end only, the
    one it would have had); the flags say whether a part has a score that counts.
    """

    weights_then: Floats
    weights_now: Floats
    scores_then: Floats
    scores_now: Floats
    is_then: Flags
    is_now: Flags


@dataclass(frozen=True)
class Split:
    """The change of every node: ``parts`` (points, one column a part) plus ``weights`` is ``now`` less ``then``.

    ``pull`` is what the node moves by when a part moves by one point: contribution over the part's own change.
    """

    then: Floats
    now: Floats
    parts: Floats
    weights: Floats
    pull: Floats


def split_changes(combining: Combining, ends: Ends) -> Split:
    """The split for nodes that have a score at both ends.

    While replacing, a node may be left without any part; it then keeps the score it had, until there is one again.
    """
    forward = _order(combining, ends, ends.weights_then)
    backward = _order(combining, _reversed(ends), ends.weights_now[:, ::-1])
    # The backward order replaces from last to first, which on reversed columns is from first to last.
    first, last = forward.states[:, 0], backward.states[:, -1]
    after_parts, after_weights = forward.states[:, -1], backward.states[:, 0]
    changes = (forward.changes + backward.changes[:, ::-1]) / 2
    same_weights = np.isclose(_shares(ends.weights_then), _shares(ends.weights_now), rtol=0, atol=1e-12).all(axis=1)
    weights = np.where(same_weights, 0.0, ((last - after_parts) + (after_weights - first)) / 2)
    moved = ends.scores_now - ends.scores_then
    is_both = ends.is_then & ends.is_now
    pull = np.where(
        is_both & (np.abs(moved) >= SMALLEST),
        changes / np.where(np.abs(moved) >= SMALLEST, moved, 1.0),
        (forward.pull + backward.pull[:, ::-1]) / 2,
    )
    return Split(first, last, changes, weights, np.where(is_both, pull, 0.0))


@dataclass(frozen=True)
class _Order:
    states: Floats
    changes: Floats
    pull: Floats


def _order(combining: Combining, ends: Ends, weights: Floats) -> _Order:
    """Replacing from the first column to the last under the same weights."""
    new = combining.totals(np.where(ends.is_now, weights, 0.0), ends.scores_now)
    old = combining.totals(np.where(ends.is_then, weights, 0.0), ends.scores_then)
    done = combining.running(new)
    mirrored = combining.running(type(old)(old.weight[:, ::-1], old.sum[:, ::-1]))
    left = type(old)(mirrored.weight[:, ::-1], mirrored.sum[:, ::-1])
    states = _carried(combining.score(combining.together(done, left)))
    unchanged = (ends.is_now == ends.is_then) & ((ends.scores_now == ends.scores_then) | ~ends.is_now)
    changes = np.where(unchanged, 0.0, np.diff(states, axis=1))
    others = combining.together(
        type(old)(done.weight[:, :-1], done.sum[:, :-1]), type(old)(left.weight[:, 1:], left.sum[:, 1:])
    )
    at = np.where(ends.is_now & ends.is_then, (ends.scores_now + ends.scores_then) / 2, 1.0)
    above, below = (
        combining.score(combining.together(others, combining.totals(weights, at + step))) for step in (NUDGE, -NUDGE)
    )
    return _Order(states, changes, (above - below) / (2 * NUDGE))


def _carried(states: Floats) -> Floats:
    """Every undefined state replaced by the last defined one; by the first defined one where none came before."""
    columns = np.arange(states.shape[1])
    last = np.maximum.accumulate(np.where(np.isnan(states), -1, columns), axis=1)
    first = np.argmax(~np.isnan(states), axis=1)[:, None]
    return np.take_along_axis(states, np.where(last < 0, first, last), axis=1)


def _reversed(ends: Ends) -> Ends:
    return Ends(*(getattr(ends, name)[:, ::-1] for name in Ends.__dataclass_fields__))


def _shares(weights: Floats) -> Floats:
    total = weights.sum(axis=1, keepdims=True)
    return weights / np.where(total > 0, total, 1.0)
