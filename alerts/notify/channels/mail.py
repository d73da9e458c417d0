"""An e-mail made of a message: text and HTML, the chart inside it."""

from __future__ import annotations

import hashlib
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from html import escape

from alerts.notify.channels.fitting import one_line, open_word
from alerts.notify.channels.port import Message

CHART = "chart@coldchain"
"""Content id of the picture."""


def address(text: str) -> Address | None:
    """Return a mail address, None where a text is not exactly one.

    >>> address("qa@example.com").domain, address("qa@example.com, b@example.com")
    ('example.com', None)
    """
    if not text.isprintable() or not text.isascii() or len(text) > 254 or set(text) & set(' ,;:<>()[]"\\'):
        return None
    try:
        found = Address(addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):
        return None
    return found if found.username and found.domain else None


def mail_of(message: Message, to: Address, sender: Address, now_ms: int) -> EmailMessage:
    """Return what is sent: multipart/alternative of text and HTML, the picture related to the HTML.

    ``Message-ID`` comes from the key, so that a mailbox may see that a second attempt is the same mail.
    ``Auto-Submitted`` (RFC 3834) keeps holiday answers away.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = one_line(message.title)
    mail["From"] = sender
    mail["To"] = to
    mail["Date"] = formatdate(now_ms / 1000)
    mail["Message-ID"] = f"<{hashlib.sha256(message.key.encode()).hexdigest()[:32]}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = one_line(message.language)
    mail.set_content(_text(message), cte="base64")
    mail.add_alternative(_html(message), subtype="html", cte="base64")
    if message.picture is not None:
        html = mail.get_payload()[1]  # type: ignore[index]
        html.add_related(message.picture, "image", "png", cid=f"<{CHART}>", disposition="inline")  # type: ignore[union-attr]
    return mail


def _text(message: Message) -> str:
    link = ["", message.link] if message.link else []
    return "\n".join([one_line(message.title), "", *map(one_line, message.lines), *link]) + "\n"


def _html(message: Message) -> str:
    lines = "".join(f"<p>{escape(one_line(line))}</p>" for line in message.lines)
    chart = f'<p><img src="cid:{CHART}" alt="" style="max-width:100%"></p>' if message.picture is not None else ""
    link = ""
    if message.link.startswith(("https://", "http://")):
        link = f'<p><a href="{escape(message.link)}">{escape(open_word(message.language))}</a></p>'
    title = escape(one_line(message.title))
    return (
        f'<!doctype html><html lang="{escape(message.language)}"><head><meta charset="utf-8"></head>'
        f'<body style="font-family:sans-serif"><h2>{title}</h2>{lines}{chart}{link}</body></html>\n'
    )
