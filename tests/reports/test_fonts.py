import io
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from report_templates import fonts

LETTERS = "AZaz ÄÖÜäöüß Łódź Ñandú Čapek Ștefan Øresund Œuvre Ελλάδα София"
FIGURES_AND_MATHS = "0123456789 + − ± × ÷ = ≠ ≤ ≥ ≈ < > % ‰ ∑ Σ Δ ∆ √ ∞ ° µ ½ ² ³ ⁰ ⁴ ⁹ ₀ ₁"
PUNCTUATION = "– — … • · § ¶ † ‡ ‘ ’ “ ” „ « » ‹ › \u00a0 \u2007 \u2009 \u202f \u2011 € £ $ ¥ © ® ™ №"
ARROWS_AND_SHAPES = "← ↑ → ↓ ↗ ↘ ▲ ▼ △ ▽ ● ○ ■ □ ◆ ◇ ★ ☆ ⚠ ✓ ✗"
BLANKS = set(" \u00a0\u2007\u2009\u202f")


@pytest.fixture(scope="module", params=sorted(fonts.WEIGHTS))
def weight(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def cut(weight: int) -> Iterator[TTFont]:
    with TTFont(fonts.font_files()[weight]) as font:
        yield font


@pytest.mark.parametrize("signs", [LETTERS, FIGURES_AND_MATHS, PUNCTUATION, ARROWS_AND_SHAPES])
def test_every_cut_draws_the_signs_that_packs_use(cut: TTFont, signs: str) -> None:
    names, outlines = cut.getBestCmap(), cut["glyf"]
    missing = {sign for sign in signs if ord(sign) not in names}
    empty = {sign for sign in set(signs) - BLANKS - missing if outlines[names[ord(sign)]].numberOfContours == 0}
    assert (missing, empty) == (set(), set())


def test_a_cut_is_static_and_says_its_weight_and_family(cut: TTFont, weight: int) -> None:
    assert not {"fvar", "gvar", "HVAR", "MVAR", "STAT"} & set(cut.keys())
    assert cut["OS/2"].usWeightClass == weight
    assert cut["name"].getDebugName(1) == fonts.FAMILY


def test_a_cut_keeps_the_copyright_and_the_licence_of_the_typeface(cut: TTFont) -> None:
    assert "Inter Project Authors" in cut["name"].getDebugName(0)
    assert "SIL Open Font License" in cut["name"].getDebugName(13)


def test_tabular_figures_and_signs_between_them_share_one_width(cut: TTFont) -> None:
    tables = cut["GSUB"].table
    lookups = {
        i for record in tables.FeatureList.FeatureRecord if record.FeatureTag == "tnum"
        for i in record.Feature.LookupListIndex
    }  # fmt: skip
    to_tabular: dict[str, str] = {}
    for i in lookups:
        for step in tables.LookupList.Lookup[i].SubTable:
            to_tabular |= getattr(step, "ExtSubTable", step).mapping
    names = cut.getBestCmap()
    widths = {sign: cut["hmtx"][to_tabular[names[ord(sign)]]][0] for sign in "0123456789−+"}
    assert len(set(widths.values())) == 1, widths


def test_a_cut_still_kerns(cut: TTFont) -> None:
    assert "kern" in {record.FeatureTag for record in cut["GPOS"].table.FeatureList.FeatureRecord}


def test_cutting_twice_gives_the_bytes_that_are_installed(weight: int) -> None:
    assert fonts.cut(weight) == fonts.font_files()[weight].read_bytes()


def test_a_cut_is_a_fraction_of_the_variable_font(weight: int) -> None:
    variable = files("fontpkg_inter").joinpath("files", "Inter[opsz,wght].ttf").read_bytes()
    assert fonts.font_files()[weight].stat().st_size < len(variable) / 8


def test_a_page_embeds_our_cuts_only_even_where_the_machine_has_inter(tmp_path: Path) -> None:
    machine = tmp_path / "fonts.conf"
    machine.write_text(
        f"<fontconfig><dir>{files('fontpkg_inter') / 'files'}</dir><cachedir>{tmp_path / 'cache'}</cachedir>"
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include></fontconfig>'
    )
    page = (
        f"<style>{fonts.font_face_css()} body {{ font-family: '{fonts.FAMILY}'; font-variant-numeric: tabular-nums }}"
        f"</style><p>{LETTERS} {FIGURES_AND_MATHS}</p><p><b>{PUNCTUATION} {ARROWS_AND_SHAPES}</b></p>"
    )
    pdf = subprocess.run(
        [sys.executable, "-c", "import sys, weasyprint as w; sys.stdout.buffer.write(w.HTML(sys.stdin).write_pdf())"],
        env={**os.environ, "FONTCONFIG_FILE": str(machine), "PYTHONUTF8": "1"},
        input=page.replace("<p>", "<p>\n").encode(),
        capture_output=True,
        check=True,
    ).stdout
    assert sorted(_embedded_fonts(pdf)) == ["Scorepack-Inter", "Scorepack-Inter-Bold"]


def test_where_the_installation_is_read_only_the_cuts_go_to_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_file").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "a_file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(fonts, "cut", lambda weight: b"a cut")
    folder = fonts.font_folder.__wrapped__()
    assert folder.is_relative_to(tmp_path / "cache")
    assert sorted(path.name for path in folder.iterdir()) == ["inter-400.ttf", "inter-650.ttf"]


def test_the_slower_of_two_set_ups_leaves_what_the_quicker_one_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "edition"
    monkeypatch.setattr(fonts, "cut", lambda weight: b"quicker")
    fonts._build(folder)
    monkeypatch.setattr(fonts, "cut", lambda weight: b"slower")
    fonts._build(folder)
    assert {path.read_bytes() for path in folder.iterdir()} == {b"quicker"}
    assert [path.name for path in tmp_path.iterdir()] == ["edition"]


def test_a_set_up_that_dies_half_way_leaves_no_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies_at_the_second(weight: int) -> bytes:
        if weight == max(fonts.WEIGHTS):
            raise KeyboardInterrupt
        return b"a cut"

    monkeypatch.setattr(fonts, "cut", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        fonts._build(tmp_path / "edition")
    assert list(tmp_path.iterdir()) == []


def _embedded_fonts(pdf: bytes) -> set[str]:
    """Name the fonts of all pages without the tag of the subset."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = [font for page in document.pages for _, font in page.resources.Font.items()]
        return {str(font.BaseFont).split("+")[-1] for font in found}
