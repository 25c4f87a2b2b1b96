"""A canary for each secret: everything that a project's life writes and prints is searched for them, and is private."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from pipelines.delivery.secrets import secret
from scorecards.errors import CallError
from tests.searching import held, places
from tests.security.life import CANARIES, ORIGINS, PDF, Life, begun, lived

DOCS = Path(__file__).parents[2] / "docs"
OPEN = {
    "SCOREPACK_PROJECT", "SCOREPACK_HOME", "SCOREPACK_EXTRACTS", "SCOREPACK_MAIL_FROM", "SCOREPACK_WAIT_SECONDS",
    "SCOREPACK_SMTP_TIMEOUT_SECONDS", "AWS_ACCESS_KEY_ID",
}  # fmt: skip
"""Variables that the docs name and that hold no secret."""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    return lived(begun(tmp_path_factory.mktemp("life"), tmp_path_factory.mktemp("given")))


def test_every_secret_that_the_docs_name_is_a_canary_here(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    given = begun(tmp_path / "root", tmp_path).environment
    texts = [
        path.read_text(encoding="utf-8") for path in DOCS.rglob("*") if path.suffix in (".md", ".yaml", ".service")
    ]
    named = {name for text in texts for name in re.findall(r"\b(?:SCOREPACK|AWS|PG)[A-Z]*_?[A-Z_]*", text)} - OPEN
    assert len(named) > 8
    secrets = {name for name, value in given.items() if held([value.encode(), *_content_of(value)], CANARIES)}
    assert [name for name in sorted(named) if not any(each.startswith(name) for each in secrets)] == []


def _content_of(value: str) -> list[bytes]:
    path = Path(value)
    return [path.read_bytes()] if value.startswith("/") and path.is_file() else []


def test_all_that_is_written_is_private(life: Life) -> None:
    root = life.company.root
    home, beside = root / ".scorepack", [root / name for name in ("site", "out.csv", "preview.pdf")]
    assert all(path.exists() for path in beside)
    loose = [
        f"{path.relative_to(root)} {stat.S_IMODE(path.lstat().st_mode):04o}"
        for path in (home, *home.rglob("*"), *beside, *(root / "site").rglob("*"))
        if not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]
    assert loose == []
    assert sum(1 for path in home.rglob("*") if path.is_file()) > 20


def test_no_secret_is_written_or_printed(life: Life) -> None:
    printed = "\n".join(life.printed)
    assert (held([printed.encode()], CANARIES), places(life.root, *CANARIES)) == ([], [])
    assert "No such file" not in printed
    assert "Traceback" not in printed


def test_what_could_have_told_a_secret_was_there(life: Life) -> None:
    printed, home = "\n".join(life.printed), life.company.root / ".scorepack"
    for words in ("535 5.7.8 who is", "454 5.7.8 who is", "450 4.1.1", "550 5.1.1", "554 5.6.0"):
        assert f"{words} [password]" in printed
    assert printed.count("Not every channel of SCOREPACK_NOTICES took the notice.") >= 3
    assert "journal.sqlite: [password]" in places(home, "[password]", PDF)
    assert any(life.root.glob("received-*.eml"))
    assert {name for name in ORIGINS if f"{name}: the " in printed} == set(ORIGINS)
    # The words of failed runs are in their mails, and those of the pack, for which it is unlocked, in its message.
    found = places(home / "outbox", "ledger", "Sell more", PDF)
    assert [place for place in found if place.startswith("2025-02/company-company-ada@example.com.eml: Sell more")]
    assert [place for place in found if place.startswith("alerts/") and place.endswith("eml: ledger")]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_file_of_secrets_that_others_may_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    file = tmp_path / "secrets"
    file.write_text("PDF_OF_ADA=x\n")
    file.chmod(mode)
    monkeypatch.setenv("SCOREPACK_SECRETS", str(file))
    with pytest.raises(CallError, match=r"can be read by others\. Run: chmod 600"):
        secret("PDF_OF_ADA")
    file.chmod(0o600)
    assert secret("PDF_OF_ADA") == "x"
