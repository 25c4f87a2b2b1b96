"""What every declared model shares: frozen, no unknown keys, and the small types used everywhere."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

_ID = re.compile(r"[a-z][a-z0-9_]*")


class Declared(BaseModel):
    """Base of all declarations: immutable, and an unknown key is an error rather than ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


def _identifier(text: str) -> str:
    if not _ID.fullmatch(text):
        near = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
        advice = f". Write '{near}' here; what people read is the name" if _ID.fullmatch(near) else ""
        raise ValueError(
            f"'{text}' is not an id; use lower-case letters, digits and _, beginning with a letter{advice}"
        )
    return text


def parse_share(value: Any) -> float:
    """Read ``12%`` as 0.12 and ``0.12`` as it stands. Raises ``ValueError`` for anything that is not from 0 to 100%."""
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?\s*%", value.strip()):
        share = float(value.strip()[:-1]) / 100
        if share <= 1:
            return share
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise ValueError(f"'{value}' is not a share; write it as 12%, from 0% to 100%")


def _amount(value: Any) -> Any:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
    text = format(Decimal(repr(value)), "+f") if is_number else value
    if not isinstance(text, str) or not re.fullmatch(r"[-+]?\d+(\.\d+)?\s*%?", text):
        raise ValueError(f"'{value}' is not an amount; write it as -2.5, or as +3% for a KPI in percent")
    return text


def amount_of(text: str) -> float:
    """The number of a declared amount; of a percentage as a fraction."""
    number = float(text.rstrip("% "))
    return number / 100 if text.endswith("%") else number


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Id = Annotated[str, AfterValidator(_identifier)]
Share = Annotated[float, BeforeValidator(parse_share, json_schema_input_type=str | float)]
Amount = Annotated[str, BeforeValidator(_amount, json_schema_input_type=str | float)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str])]
Weight = Annotated[float, Field(gt=0)]


class UnitSelector(Declared):
    """Which units something is declared for. All given conditions must hold; none given means every unit."""

    levels: Names = Field((), description="Levels of the organisation tree, such as company or team.")
    ids: Names = Field((), description="Units by id.")
    under: Names = Field((), description="These units and everything below them.")
    excluding: Names = Field((), description="Units by id that are left out, with everything below them.")
