"""Exact linear algebra, by which tests attack what is published: over a large prime field, as floats are not exact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PRIME = 2_147_483_647
Numbers = NDArray[np.int64]


def reduced(matrix: Numbers) -> Numbers:
    """The row echelon form."""
    matrix, rank = np.unique(matrix, axis=0) % PRIME, 0
    for column in range(matrix.shape[1]):
        pivots = np.flatnonzero(matrix[rank:, column])
        if not pivots.size:
            continue
        matrix[[rank, rank + pivots[0]]] = matrix[[rank + pivots[0], rank]]
        matrix[rank] = matrix[rank] * pow(int(matrix[rank, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(matrix[:, column])
        others = others[others != rank]
        matrix[others] = (matrix[others] - matrix[others, column, None] * matrix[rank]) % PRIME
        rank += 1
    return matrix[:rank]


def is_in_span(matrix: Numbers, vector: Numbers) -> bool:
    """Whether a vector is a combination of the rows of a reduced matrix."""
    left = vector.copy()
    for row in matrix:
        pivot = int(np.flatnonzero(row)[0])
        left = (left - left[pivot] * row) % PRIME
    return not left.any()


def null_space(matrix: Numbers) -> list[Numbers]:
    """Whole vectors that every row takes to nothing, as many as are found: of those with fractions none is."""
    rows = reduced(matrix)
    pivots = [int(np.flatnonzero(row)[0]) for row in rows]
    found = []
    for free in sorted(set(range(matrix.shape[1])) - set(pivots)):
        vector = np.zeros(matrix.shape[1], dtype=np.int64)
        vector[free] = 1
        vector[pivots] = -rows[:, free] % PRIME
        vector = np.where(vector > PRIME // 2, vector - PRIME, vector)
        if np.abs(vector).max() < len(pivots) + 2 and not (matrix @ vector).any():
            found.append(vector)
    return found
