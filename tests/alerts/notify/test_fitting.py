"""Text fits its provider, and what is missing is counted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notify.channels.fitting import cut, fitted, mark_of, whole_text
from alerts.notify.channels.port import Message


def message(**changes: Any) -> Message:
    values: dict[str, Any] = {"key": "k", "to": "", "language": "en", "title": "t", "lines": ("a", "b")}
    return Message(**{**values, **changes})


@given(st.text(), st.integers(3, 60))
def test_what_is_cut_is_never_longer_and_never_half_a_character(text: str, limit: int) -> None:
    short = cut(text, limit)

    assert len(short.encode(errors="surrogatepass")) <= max(limit, 3)
    assert short == text or short.endswith("…")


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), min_size=1, max_size=8), st.integers(20, 120))
def test_lines_fit_and_those_that_are_left_out_are_counted(lines: list[str], limit: int) -> None:
    text = fitted(lines, limit, "zh")

    assert len(text.encode()) <= limit
    if "还有" in text and not any("还有" in line for line in lines):
        told = text.split("\n")
        assert int(told[-1].split()[1]) == len(lines) - (len(told) - 1)


@pytest.mark.parametrize(("language", "more"), [("zh", "还有 99 行"), ("en", "99 more lines")])
def test_the_count_is_in_the_readers_language(language: str, more: str) -> None:
    assert fitted(["x" * 10] * 100, 30, language) == f"{'x' * 10}\n{more}"


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.lists(st.text(st.characters(codec="utf-8")), max_size=9))
def test_the_link_stays_whatever_else_is_cut(title: str, lines: list[str]) -> None:
    link = "https://milk.example.com/a/42"

    text = whole_text(message(title=title, lines=tuple(lines), link=link), 120)

    assert len(text.encode()) <= 120
    assert text.endswith(link)


def test_a_text_that_fits_is_not_touched() -> None:
    assert whole_text(message(link="https://x"), 100) == "t\na\nb\nhttps://x"


def test_a_mark_is_of_the_key_alone() -> None:
    assert mark_of("k1") == mark_of("k1") != mark_of("k2")
