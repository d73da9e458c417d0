"""Reasons that may be kept and shown: what a provider said, without secrets, on one line."""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from coldchain.secret import HIDDEN, Secret

LONGEST_WHY = 200
"""Characters of a reason."""

REMEMBERED_TOKENS = 4
"""Fetched tokens that may still be quoted by an answer under way."""


class Hiding:
    """What must not be said.

    Args:
        secrets: of one account; they are hidden as they are, and as an address, JSON or base64 writes them.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._secrets = list(secrets)
        self._tokens: deque[Secret] = deque(maxlen=REMEMBERED_TOKENS)

    def hide(self, token: Secret) -> None:
        """Hide a fetched token from now on, too."""
        self._tokens.append(token)

    def said(self, who: str, text: object) -> str:
        """Return who said what, at most `LONGEST_WHY` characters.

        >>> Hiding([Secret("k/9")]).said("example.com", "no robot k%2F9\\r\\nHost: x")
        'example.com: no robot *** Host: x'
        """
        words = str(text)
        for secret in (*self._secrets, *self._tokens):
            for form in _forms(secret.reveal()):
                words = words.replace(form, HIDDEN)
        line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
        return f"{who}: {line}"[:LONGEST_WHY]


def _forms(plain: str) -> list[str]:
    """Return how a secret may be written, the longest first."""
    forms = {plain, quote(plain, safe=""), quote_plus(plain), json.dumps(plain)[1:-1]}
    forms.add(base64.b64encode(plain.encode()).decode())
    return sorted(forms, key=len, reverse=True)
