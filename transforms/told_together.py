"""What sums over parts of people tell together: whether any combination of them is a figure of few.

Belongs here: the linear algebra of one month and one way of counting people. Which sums there are is ``groups.py``.

Some groups are told as wholes, and sums over parts of them all together: of the women, of grade A, of the women in
grade A. People that count into the same sums are an atom. What can be computed is, for any combination of sums, one
number for each atom, and in each whole any number less of everybody in it: so of each whole those remain whose number
is not the one taken away. A combination tells of few where it leaves somebody, and fewer than are told of. Where people
are in several atoms, those that are left are at least as many as without all repetitions, and as any one atom.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Atom = frozenset[tuple[int, str]]
"""People by the sums that they count into: the number of a telling, and the value of its column."""
_MOST_CLASSES = 7
_TOLERANCE = 1e-9
Matrix = NDArray[np.float64]


def tells_of_few(wholes: Sequence[Mapping[Atom, float]], least: float, twice: float = 0.0) -> bool:
    """Whether sums over atoms tell of fewer than ``least`` people, where these groups are told as wholes.

    ``twice`` says how often people are in a further atom. Exact for up to seven kinds of atoms that must be looked at
    apart, with nobody in two; on the safe side otherwise.
    """
    sizes = tuple(
        sorted(
            (tuple(sorted(((tuple(sorted(atom)), size) for atom, size in whole.items() if size > 0), key=repr)))
            for whole in wholes
        )
    )
    return _tells_of_few(sizes, least, twice)


@lru_cache(maxsize=65536)
def _tells_of_few(
    wholes: tuple[tuple[tuple[tuple[tuple[int, str], ...], float], ...], ...], least: float, twice: float
) -> bool:
    atoms = sorted({atom for whole in wholes for atom, _ in whole})
    if len(atoms) < 2:
        return False
    people = np.zeros((len(wholes), len(atoms)))
    for row, whole in enumerate(wholes):
        for atom, size in whole:
            people[row, atoms.index(atom)] = size
    classes = _forced_together(people, least, twice)
    if len(classes) == 1:
        return False
    sums = sorted({item for atom in atoms for item in atom})
    counts_into = np.array([[item in atom for atom in atoms] for item in sums], dtype=float).reshape(-1, len(atoms))
    numbers = _constant_on(counts_into, classes)
    sizes = np.stack([people[:, members].sum(axis=1) for members in classes], axis=1)
    largest = np.stack([people[:, members].max(axis=1) for members in classes], axis=1)
    if len(classes) > _MOST_CLASSES:
        return any(
            np.minimum(sizes[:, one], sizes[:, other]).sum() > 0 and _tells_apart(numbers, one, other)
            for one, other in combinations(range(len(classes)), 2)
        )
    ways = _ways(len(classes))
    return any(_leaves_few(sizes, largest, blocks, least, twice) and _has_levels(numbers, blocks) for blocks in ways)


def _forced_together(people: Matrix, least: float, twice: float) -> list[list[int]]:
    """Atoms whose numbers must be equal, since telling them apart leaves enough people."""
    classes = [[place] for place in range(people.shape[1])]
    sizes = [people[:, place] for place in range(people.shape[1])]
    largest = list(sizes)
    found = True
    while found:
        found = False
        for one, other in combinations(range(len(classes)), 2):
            left = np.minimum(sizes[one], sizes[other]).sum() - twice
            if max(left, np.minimum(largest[one], largest[other]).max()) >= least:
                classes[one] += classes.pop(other)
                sizes[one] = sizes[one] + sizes.pop(other)
                largest[one] = np.maximum(largest[one], largest.pop(other))
                found = True
                break
    return classes


def _constant_on(numbers: Matrix, blocks: Sequence[Sequence[int]]) -> Matrix:
    """The combinations of rows that are one number within each block, by block: a basis of them."""
    equal = [numbers[:, block[0]] - numbers[:, other] for block in blocks for other in block[1:]]
    kept = _null_space(np.array(equal).reshape(-1, numbers.shape[0])) if equal else np.eye(numbers.shape[0])
    return np.asarray((kept @ numbers)[:, [block[0] for block in blocks]])


def _null_space(matrix: Matrix) -> Matrix:
    """Rows that are at right angles to all rows of the matrix."""
    _, values, axes = np.linalg.svd(matrix, full_matrices=True)
    rank = int((values > _TOLERANCE).sum())
    return np.asarray(axes[rank:])


def _tells_apart(numbers: Matrix, one: int, other: int) -> bool:
    return bool(np.abs(numbers[:, one] - numbers[:, other]).max(initial=0.0) > _TOLERANCE)


def _leaves_few(sizes: Matrix, largest: Matrix, blocks: Sequence[Sequence[int]], least: float, twice: float) -> bool:
    of_blocks = np.stack([sizes[:, block].sum(axis=1) for block in blocks], axis=1)
    left = float((of_blocks.sum(axis=1) - of_blocks.max(axis=1)).sum())
    # Of each whole that block may be taken away which has its largest atom.
    atoms = np.sort(np.stack([largest[:, block].max(axis=1) for block in blocks], axis=1), axis=1)[:, -2]
    return left > 0 and max(left - twice, float(atoms.max())) < least


def _has_levels(numbers: Matrix, blocks: Sequence[Sequence[int]]) -> bool:
    """Whether some combination has one number in each block, and another in every other."""
    found = _constant_on(numbers, blocks)
    return all(_tells_apart(found, one, other) for one, other in combinations(range(len(blocks)), 2))


@lru_cache(maxsize=_MOST_CLASSES + 1)
def _ways(count: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """All ways to put so many things into two or more blocks."""
    return tuple(tuple(map(tuple, blocks)) for blocks in _partitions(count) if len(blocks) > 1)


def _partitions(count: int) -> Iterator[list[list[int]]]:
    if not count:
        yield []
        return
    for blocks in _partitions(count - 1):
        for place in range(len(blocks)):
            yield [[*block, count - 1] if index == place else block for index, block in enumerate(blocks)]
        yield [*blocks, [count - 1]]
