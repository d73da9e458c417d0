"""Text that fits a provider: plain, on its lines, not longer than its limit, and what was left out is counted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from alerts.notify.channels.port import Message, Refused

_WORDS = {"zh": ("还有 {count} 行", "打开查看"), "en": ("{count} more lines", "Open")}


def one_line(text: str) -> str:
    """Return a text without line breaks and control characters: fit for a subject or a title.

    >>> one_line("door open\\r\\nBcc: everybody@example.com")
    'door open Bcc: everybody@example.com'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def cut(text: str, limit: int) -> str:
    """Return a text of at most ``limit`` bytes of UTF-8, with … where something is missing.

    >>> cut("冷柜温度偏高", 10)
    '冷柜…'
    """
    if len(text.encode()) <= limit:
        return text
    return text.encode()[: max(0, limit - len("…".encode()))].decode(errors="ignore") + "…"


def fitted(lines: Sequence[str], limit: int, language: str) -> str:
    """Return as many of the lines as ``limit`` bytes of UTF-8 take; a last line counts those that are left out."""
    clean = [one_line(line) for line in lines]
    text = "\n".join(clean)
    if len(text.encode()) <= limit:
        return text
    more = _words(language)[0]
    for kept in range(len(clean) - 1, -1, -1):
        text = "\n".join([*clean[:kept], more.format(count=len(clean) - kept)])
        if len(text.encode()) <= limit:
            return text
    return cut(clean[0], limit)


def whole_text(message: Message, limit: int) -> str:
    """Return title, lines and link as plain text of at most ``limit`` bytes; title and link stay."""
    link = f"\n{message.link}" if message.link else ""
    title = cut(one_line(message.title), max(0, limit // 2 - len(link.encode())))
    room = limit - len(f"{title}\n{link}".encode())
    body = fitted(message.lines, room, message.language) if message.lines and room > 0 else ""
    return f"{title}\n{body}{link}" if body else f"{title}{link}"


def not_reached(to: str, what: str) -> Refused:
    """Return the answer for an address that is not what a channel needs."""
    return Refused(f"{to[:60]!r} is no {what}")


def open_word(language: str) -> str:
    """Return what stands on the button that opens the link."""
    return _words(language)[1]


def mark_of(key: str) -> str:
    """Return a short mark of a message, the same at every attempt.

    Providers that drop repeated content take another message with the same words, and drop a second attempt.
    """
    return f"#{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _words(language: str) -> tuple[str, str]:
    return _WORDS.get(language, _WORDS["en"])
