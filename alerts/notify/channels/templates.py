"""What a provider of text messages gets instead of text: a reviewed template's id and short variables, never a link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from alerts.notify.channels.fitting import not_reached, one_line
from alerts.notify.channels.port import Message, Refused

NOTHING = "-"
"""A variable without a fact: providers refuse empty ones."""

PHONE = re.compile(r"\+?[0-9]{5,15}")
"""Digits, with ``+`` and country code outside China."""

_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|www\.)\S*|\b(?:[a-z0-9-]+\.)+(?:com|cn|net|org|io|top|xyz|info)\b\S*", re.IGNORECASE
)


class TemplateSettings(Protocol):
    """What every such channel's settings have."""

    @property
    def templates(self) -> Mapping[str, str]:
        """Kind and language, or kind, to template id."""
        ...

    @property
    def variables(self) -> Mapping[str, str]:
        """Variable to fact, in the template's order."""
        ...

    @property
    def variable_chars(self) -> int:
        """Longest variable."""
        ...


def template_of(settings: TemplateSettings, message: Message) -> str | Refused:
    """Return the template for a message's kind and language."""
    for name in (f"{message.kind}.{message.language}", message.kind):
        if name in settings.templates:
            return settings.templates[name]
    return Refused(f"no template for {message.kind}.{message.language}: add it to the channel's templates")


def phone_of(message: Message) -> str | Refused:
    """Return the telephone number that is meant."""
    number = re.sub(r"[ -]", "", message.to)
    return number if PHONE.fullmatch(number) else not_reached(message.to, "telephone number")


def variables_of(settings: TemplateSettings, message: Message) -> dict[str, str]:
    """Return every variable with its value: one line, without links, not longer than the settings say."""
    return {
        name: short(message.facts.get(fact, ""), settings.variable_chars) for name, fact in settings.variables.items()
    }


def short(text: str, limit: int) -> str:
    """Return a value that a template takes.

    >>> short("柜3 https://example.com/a?b", 20), short("", 20), short("a" * 30, 5)
    ('柜3', '-', 'aaaa…')
    """
    clean = one_line(_LINK.sub(" ", text))
    if not clean:
        return NOTHING
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
