"""Keyed hashes of personal values: HMAC-SHA-256, of which the first 32 hexadecimal digits are kept.

Equal values have equal hashes in every source, so that distinct counts and joins still work; without the key nobody can
tell which value a hash belongs to, nor try out likely ones. Does not belong here: where the key comes from.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

import duckdb

from warehouse.reading import quoted

_BLOCK = 64
_DIGITS = 32


@dataclass(frozen=True)
class HashKey:
    """The secret with which personal values are hashed. It is in no text of it, so that no error or log can show it."""

    secret: bytes = field(repr=False)

    @property
    def mark(self) -> str:
        """What tells this key from another one, without telling anything of it."""
        return hmac.new(self.secret, b"scorepack: which key", "sha256").hexdigest()

    def of(self, value: str) -> str:
        """The hash of a value."""
        return hmac.new(self.secret, value.encode(), "sha256").hexdigest()[:_DIGITS]

    def hand_to(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table ``_pads`` for ``hash_sql``: the key goes in as a parameter, never in the text of a statement.

        The pads are those of RFC 2104: the key, filled up to a block, with every byte turned by 0x36 and by 0x5c.
        """
        key = self.secret if len(self.secret) <= _BLOCK else hashlib.sha256(self.secret).digest()
        key = key.ljust(_BLOCK, b"\0")
        connection.execute("CREATE OR REPLACE TEMP TABLE _pads (inner_pad BLOB, outer_pad BLOB)")
        pads = [bytes(byte ^ turn for byte in key) for turn in (0x36, 0x5C)]
        connection.execute("INSERT INTO _pads VALUES (?, ?)", pads)


def hash_sql(name: str) -> str:
    """SQL of the hash of a column, where ``_pads`` is among the tables: of its value as text; null stays null."""
    inner = f"sha256(_pads.inner_pad || encode({quoted(name)}::VARCHAR))"
    return f"left(sha256(_pads.outer_pad || unhex({inner})), {_DIGITS})"
