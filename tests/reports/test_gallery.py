"""The gallery shows packs as they look: every page is drawn again and compared with its picture."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from docs.draw_gallery import GALLERY, SHOWN, pictures, readme

pytestmark = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm (poppler-utils) is missing")

# Versions of poppler and of FreeType smooth the edges of letters differently, and pictures are kept in few tones. Means
# over squares of four points level both out: between them no square differs by more than about 20 of 255. A word that
# has moved differs by 60 and more, in dozens of squares; a fifth of a thousand of a page's squares is about ten.
SQUARE, LEAST_DIFFERENCE, MOST_SQUARES = 4, 32, 0.0002


def squares(picture: Image.Image) -> np.ndarray:
    width, height = (size // SQUARE for size in picture.size)
    points = np.asarray(picture.convert("RGB"), dtype=float)[: height * SQUARE, : width * SQUARE]
    return points.reshape(height, SQUARE, width, SQUARE, 3).mean(axis=(1, 3))


def changed_share(before: Image.Image, now: Image.Image) -> float:
    """The share of squares that look different; all where the pages have different sizes."""
    if before.size != now.size:
        return 1.0
    return float((np.abs(squares(before) - squares(now)).max(axis=2) > LEAST_DIFFERENCE).mean())


def test_every_page_looks_like_its_picture(tmp_path: Path) -> None:
    changed = []
    for name, now in pictures():
        with Image.open(GALLERY / f"{name}.png") as kept:
            before = kept.convert("RGB")
        share = changed_share(before, now)
        if share > MOST_SQUARES:
            now.save(tmp_path / f"{name}.png")
            ImageChops.difference(before, now.resize(before.size)).save(tmp_path / f"{name}-difference.png")
            changed.append(f"{name}: {share:.2%} of the page looks different, see {tmp_path / name}-difference.png")
    assert not changed, "\n".join([*changed, "Where this is meant: make gallery."])


def test_a_word_that_moves_by_a_millimetre_and_another_colour_are_changes_and_rough_edges_are_none() -> None:
    with Image.open(GALLERY / "board-summary.png") as kept:
        picture = kept.convert("RGB")
    word = picture.crop((40, 80, 240, 140))
    moved = picture.copy()
    moved.paste(word, (44, 80))
    assert changed_share(picture, moved) > MOST_SQUARES
    other = Image.fromarray(np.where(np.asarray(picture) < 60, 90, np.asarray(picture)).astype(np.uint8))
    assert changed_share(picture, other) > MOST_SQUARES
    noise = np.random.default_rng(7).integers(-20, 21, size=np.asarray(picture).shape)
    rough = Image.fromarray(np.clip(np.asarray(picture).astype(int) + noise, 0, 255).astype(np.uint8))
    assert changed_share(picture, rough) <= MOST_SQUARES


def test_the_page_shows_every_picture_that_there_is_and_the_folder_is_small() -> None:
    text = (GALLERY / "README.md").read_text(encoding="utf-8")
    assert text == readme()
    named = {f"{name}.png" for shown in SHOWN for _, name, _ in shown.pages}
    assert set(re.findall(r"\]\(([\w-]+\.png)\)", text)) == named == {path.name for path in GALLERY.glob("*.png")}
    assert sum(path.stat().st_size for path in GALLERY.iterdir()) < 3_000_000
