"""Whether a project's own templates of messages can be filled, told before anything is sent."""

from __future__ import annotations

from report_templates.email import Letter, render_email
from report_templates.look import Look
from report_templates.pack_message import ExceptionLine, PackMessage, ScoreLine, without_figures


def require_fillable(look: Look) -> None:
    """Fill the message's templates with made-up words, all there are and as few as can be.

    Raises ``DeclarationError`` where a project's template fails.
    """
    full = PackMessage(
        "en_GB", "Organisation", "Scorecard", "Unit", "2025-02", "2025-01", "February 2025", "71, near target",
        "What happened", (ScoreLine("Overall", "71", "near target", "warning", "-2", "1 of 2 off target"),),
        (ExceptionLine("KPI", "bad", "It fell.", "Of this.", "This is done.", "Reader, 3 March"),),
        1, "Data of 3 March", 2, "Edition 2 changes 3 figures.", 3,
    )  # fmt: skip
    attached = Letter("Reader", ("pack.pdf",), corrects=1, is_encrypted=True, proof_for="Another")
    for message, letter in (
        (full, attached),
        (full, Letter("Reader", link="https://example.org/pack.pdf")),
        (without_figures(full), Letter("Reader")),
    ):
        render_email(message, letter, look)
