"""What is computed: pure functions, Polars frame in, frame out.

No input or output, no clock, and no randomness without a seed, so that every figure can be recomputed anywhere. What
an organisation decides comes in as the frozen models of ``scorecards``; storing is the work of ``warehouse``.
"""
