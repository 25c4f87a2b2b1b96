"""Forgetting a person: the archived deliveries that hold the person's rows are rewritten, and the journal says so.

Belongs here: finding the objects, writing what stands for them, and the entry that is the commit point. What a row
becomes is ``redacting.py``; how a format is rewritten is ``redacting_text.py`` and its like. What was computed from the
old objects is for ``pipelines`` to compute again.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import duckdb

from scorecards.columns import Column
from scorecards.errors import CallError, DataRefused
from scorecards.sources import Source
from warehouse import journal
from warehouse.deliveries import form_day
from warehouse.forgotten import KIND, delete_forgotten
from warehouse.hashing import HashKey
from warehouse.home import Home, temporary_folder
from warehouse.landing import digest_of, intact, land, land_bytes
from warehouse.reading import quoted
from warehouse.redacting import Place, Plan, Tokens
from warehouse.redacting_json import redact_json, redact_jsonl
from warehouse.redacting_tables import redact_excel, redact_parquet
from warehouse.redacting_text import Redacted, redact_text, redact_unread_text
from warehouse.selection import Load, all_loads
from warehouse.settling import settled_reading
from warehouse.unpacking import unpacked
from warehouse.working import at_work, begin_rebuild

_REDACTORS: Mapping[str, Callable[[Path, Plan, Path, Path], Redacted]] = {
    "csv": redact_text, "jsonl": redact_jsonl, "json": redact_json, "parquet": redact_parquet, "excel": redact_excel,
}  # fmt: skip
Forms = Callable[[str], Iterator[Source]]
Own = Callable[[Collection[str]], Mapping[str, bytes]]
"""Of the units that the person's rows name: by digest each object made for such a person alone, and what stands for it.
"""


@dataclass(frozen=True)
class Request:
    """Who is to be forgotten: the value, the columns that hold it, and who asks for it and why."""

    value: str
    places: tuple[Place, ...]
    by: str
    reason: str


@dataclass(frozen=True)
class Rewritten:
    """What became of one object: its deliveries' names, the source, the rows, and the digest that stands for it."""

    source: str
    names: tuple[str, ...]
    old: str
    new: str
    rows: Redacted


@dataclass(frozen=True)
class Forgetting:
    """What was done, or would be: objects rewritten, the person's token, and files that could not be looked into.

    ``own`` counts objects that were made for the person alone, and are replaced; ``units`` are those of the rows.
    """

    token: str | None
    rewritten: tuple[Rewritten, ...]
    closed: tuple[str, ...]
    own: int
    units: tuple[str, ...]


def forget(
    home: Home, request: Request, forms: Forms, own: Own, hash_key: HashKey | None, *, is_trial: bool = False
) -> Forgetting:
    """Rewrite every archived object that holds the person, record it, and delete the old objects.

    ``forms`` gives the contracts of a source, today's first, then those that were in force before. Nothing is kept
    where ``is_trial``. The entry in the journal is the commit point: killed before it, the old state stays; killed
    after it, what is left over is deleted by the rebuild that every command then asks for.
    """
    with at_work(home), temporary_folder(home.landing / "forgetting") as folder:
        number = len(journal.entries(home, KIND)) + 1
        objects = list(_objects(home, request))
        tokens = _tokens(home, request, forms, objects, number)
        token, done, closed, bodies = tokens.of_person(), list[Rewritten](), list[str](), dict[str, str]()
        units = set[str]()
        for source_id, loads in objects:
            work = folder / str(len(done) + len(closed))
            work.mkdir()
            found = _rewrite(home, request, forms, tokens, token, source_id, loads, work)
            names = tuple(dict.fromkeys(load.name for load in loads))
            shutil.rmtree(work / "plain", ignore_errors=True)
            if found is None:
                closed += names
            elif found[0].is_changed:
                units |= _units(home, request, forms, source_id, loads)
                new = digest_of(found[1]) if is_trial else land(home, found[1])
                bodies[loads[0].digest] = new
                done.append(Rewritten(source_id, names, loads[0].digest, new, found[0]))
            shutil.rmtree(work)
        made = own(units)
        if done and not is_trial:
            bodies |= {digest: land_bytes(home, content) for digest, content in made.items()}
            begin_rebuild(home)
            journal.append(home, KIND, done[0].source, _body(request, token, done, bodies, hash_key))
        if not is_trial:
            delete_forgotten(home)
    return Forgetting(token, tuple(done), tuple(closed), len(made), tuple(sorted(units)))


def _body(
    request: Request, token: str | None, done: Sequence[Rewritten], objects: Mapping[str, str], key: HashKey | None
) -> dict[str, object]:
    """What the journal says: all but the value, of which it has the keyed hash where there is a key."""
    return {
        "by": request.by,
        "reason": request.reason,
        "columns": sorted(f"{place.source}.{place.column}" for place in request.places),
        "token": token,
        "person": key.of(request.value) if key is not None else None,
        "objects": dict(objects),
        "rows": sum(one.rows.rewritten for one in done),
        "left_out": sum(one.rows.left_out for one in done),
        "masked": sum(one.rows.masked for one in done),
    }


def _objects(home: Home, request: Request) -> Iterator[tuple[str, list[Load]]]:
    """Each archived object of the sources, with all its loads."""
    for source_id in dict.fromkeys(place.source for place in request.places):
        by_digest: dict[str, list[Load]] = {}
        for load in all_loads(home, source_id):
            by_digest.setdefault(load.digest, []).append(load)
        yield from ((source_id, loads) for loads in by_digest.values())


def _tokens(
    home: Home, request: Request, forms: Forms, objects: Sequence[tuple[str, list[Load]]], number: int
) -> Tokens:
    """The tokens, with what the columns hold already where a token must be found between it."""
    columns: list[Column] = []
    narrow: dict[str, list[str]] = {}
    for place in request.places:
        source = next(forms(place.source))
        column = source.columns.get(place.column)
        if column is None or not column.personal:
            raise CallError(f"'{place.column}' is not a personal column of {place.source}: nobody is found by it.")
        if column.type not in ("string", "integer"):
            raise CallError(f"'{place.column}' of {place.source} is a {column.type}: name a column of texts or ids.")
        columns.append(column)
        named = [name for name, one in source.columns.items() if one.personal and one.type in ("string", "integer")]
        narrow[place.source] = [n for n in named if source.columns[n].matches or source.columns[n].type == "integer"]
    taken: dict[tuple[str, str], set[str]] = {}
    for source_id, loads in objects:
        for name in narrow[source_id]:
            held = taken.setdefault((source_id, name), set())
            held |= _held(home, next(forms(source_id)), loads[0], name)
    return Tokens(number, request.value, tuple(columns), taken)


def _held(home: Home, source: Source, load: Load, column: str) -> set[str]:
    form = _form(source, load)
    try:
        with settled_reading(intact(home, load.digest), form) as (connection, reading):
            sql = f"SELECT DISTINCT trim({quoted(column)}) FROM {reading.relation}"
            return {str(value) for (value,) in connection.execute(sql).fetchall() if value}
    except (DataRefused, duckdb.Error):
        return set()


def _units(home: Home, request: Request, forms: Forms, source_id: str, loads: Sequence[Load]) -> set[str]:
    """The units that the person's own rows of an object name, under the newest contract that can read them."""
    own = [place.column for place in request.places if place.source == source_id and not place.is_mention]
    for contract in forms(source_id):
        form, rule = _form(contract, loads[0]), contract.unit
        if rule is None or rule.always is not None:
            return set() if rule is None else {str(rule.always)}
        is_theirs = " OR ".join(f"trim({quoted(column)}) = $value" for column in own) or "false"
        try:
            with settled_reading(intact(home, loads[0].digest), form) as (connection, reading):
                sql = f"SELECT DISTINCT trim({quoted(str(rule.column))}) FROM {reading.relation} WHERE {is_theirs}"
                codes = connection.execute(sql, {"value": request.value}).fetchall()
        except (DataRefused, duckdb.Error):
            continue
        return {rule.values.get(str(code), str(code)) for (code,) in codes if code}
    return set()


def _form(source: Source, load: Load) -> Source:
    return source.in_force(load.period or form_day(source, load.name, load.known_on))


def _rewrite(
    home: Home, request: Request, forms: Forms, tokens: Tokens, token: str | None, source_id: str, loads: list[Load],
    work: Path,
) -> tuple[Redacted, Path] | None:  # fmt: skip
    """What became of an object, and the file that is to stand for it; None where nothing could look into it."""
    path = intact(home, loads[0].digest)
    plain, target = path, work / "redacted"
    plan: Plan | None = None
    for contract in forms(source_id):
        form = _form(contract, loads[0])
        own = frozenset(p.column for p in request.places if p.source == source_id and not p.is_mention)
        mentions = frozenset(p.column for p in request.places if p.source == source_id and p.is_mention)
        plan = Plan(form, request.value, token, own & form.columns.keys(), mentions & form.columns.keys(), tokens)
        try:
            plain = unpacked(path, form, work)
            if not _may_hold(plain, form, plan.digits_or_value):
                return Redacted(), path
            found = _REDACTORS[form.file_format](plain, plan, target, work)
        except (DataRefused, UnicodeError):
            continue
        return (found, _packed(path, plain, target, work)) if found.is_changed else (found, path)
    if plan is None or plan.source.file_format not in ("csv", "jsonl", "json"):
        return None
    found = redact_unread_text(plain, plan, target, work)
    return (found, _packed(path, plain, target, work)) if found.is_changed else (found, path)


def _may_hold(plain: Path, form: Source, sought: str) -> bool:
    """Whether the bytes of a text file hold the value at all: most do not, and need not be taken apart."""
    if form.file_format not in ("csv", "jsonl", "json") or plain.stat().st_size == 0:
        return True
    wide = form.encoding.lower().startswith(("utf-16", "utf16", "utf-32", "utf32"))
    with plain.open("rb") as handle, mmap(handle.fileno(), 0, access=ACCESS_READ) as content:
        # An escape may stand for any letter.
        if wide or (form.file_format != "csv" and content.find(b"\\u") >= 0):
            return True
        return any(content.find(sought.encode(code)) >= 0 for code in _codes(form.encoding, sought))


def _codes(encoding: str, text: str) -> Iterator[str]:
    """The declared encoding, and those in which a file may come that is not of it."""
    for code in dict.fromkeys((encoding, "utf-8", "cp1252", "utf-16-le", "utf-16-be")):
        try:
            text.encode(code)
        except (LookupError, UnicodeError):
            continue
        yield code


def _packed(path: Path, plain: Path, target: Path, work: Path) -> Path:
    """The rewritten file, packed as the delivered one was; the time of packing is not kept."""
    if plain == path:
        return target
    packed = work / "packed"
    with path.open("rb") as handle:
        start = handle.read(4)
    if start.startswith(b"\x1f\x8b"):
        with packed.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as out, target.open("rb") as new:
            shutil.copyfileobj(new, out)
    elif start.startswith(b"PK"):
        with ZipFile(path) as archive:
            name = next(info.filename for info in archive.infolist() if not info.is_dir())
        with ZipFile(packed, "w") as archive:
            archive.writestr(ZipInfo(name), target.read_bytes(), ZIP_DEFLATED)
    else:
        _zstd(target, packed)
    return packed


def _zstd(target: Path, packed: Path) -> None:
    import sys

    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    with zstd.ZstdFile(packed, "w") as out, target.open("rb") as new:
        shutil.copyfileobj(new, out)
