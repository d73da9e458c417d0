"""Text messages and calls by any provider that takes them over HTTP: the settings say how to ask and how to read.

::

    template + {phone} {template} {var:NAME} {key} {timestamp} ──▶ body, address ──sign──▶ provider
    answer's JSON ── success_path ──▶ success_value: Accepted │ codes_later │ codes_broken │ anything else: Refused
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from alerts.notify.channels.port import Accepted, Answer, Broken, Later, Message, Refused
from alerts.notify.channels.templates import phone_of, template_of, variables_of
from alerts.notify.channels.wire import Reply, Wire, host_of
from coldchain.clock import Clock
from coldchain.errors import ConfigError
from coldchain.notify_settings import HttpChannel
from coldchain.secret import Secret

_PLACEHOLDER = re.compile(r"\{(phone|template|key|timestamp|timestamp_ms|body|var:[A-Za-z0-9_.-]+)\}")


def filled(template: str, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    """Return a template with its placeholders filled in one pass: a value that looks like a placeholder is text.

    Raises:
        KeyError: a placeholder without a value, by its name.

    >>> filled('{"to": "{phone}"}', {"phone": 'a"b'}, lambda text: text.replace('"', r'\\"'))
    '{"to": "a\\\\"b"}'
    """
    return _PLACEHOLDER.sub(lambda found: escape(values[found[1]]), template)


def found_at(told: object, path: str) -> Any:
    """Return what stands at a path of keys and numbers, None where nothing does.

    >>> found_at({"data": [{"code": 0}]}, "data.0.code")
    0
    """
    for step in path.split("."):
        if isinstance(told, dict):
            told = told.get(step)
        elif isinstance(told, list) and step.isdigit() and int(step) < len(told):
            told = told[int(step)]
        else:
            return None
    return told


def in_json(text: str) -> str:
    """Return a text as it stands between the quotes of JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def in_address(text: str) -> str:
    """Return a text as it stands in an address or a form."""
    return quote(text, safe="")


class HttpProvider:
    """One account; ``to`` is a telephone number.

    Args:
        secret: password of ``basic``, key of ``hmac``.
        headers: secret headers.

    Raises:
        ConfigError: a placeholder that is none, or a way of proving without its secret.
    """

    def __init__(
        self, settings: HttpChannel, secret: Secret | None, headers: Mapping[str, Secret], wire: Wire, clock: Clock
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._headers = headers
        self._wire = wire
        self._clock = clock
        self._host = host_of(settings.url)
        self._escape = in_json if settings.body_format == "json" else in_address
        known = {f"var:{name}": "" for name in settings.variables} | dict.fromkeys(_OWN, "")
        for name, text, values in (
            ("body", settings.body, known),
            ("url", settings.url, known),
            ("sign_text", settings.sign_text, {**known, "body": ""}),
        ):
            try:
                filled(text, values, str)
            except KeyError as fault:
                raise ConfigError(f"{name}: nothing fills {{{fault.args[0]}}}") from None
        if settings.sign != "none" and secret is None:
            raise ConfigError(f"sign = {settings.sign!r} needs secret_file")

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        phone, template = phone_of(message), template_of(self._settings, message)
        if isinstance(phone, Refused):
            return phone
        if isinstance(template, Refused):
            return template
        now_ms = self._clock.now_ms()
        values = {
            "phone": phone,
            "template": template,
            "key": message.key,
            "timestamp": str(now_ms // 1000),
            "timestamp_ms": str(now_ms),
            **{f"var:{name}": value for name, value in variables_of(self._settings, message).items()},
        }
        body = filled(self._settings.body, values, self._escape)
        reply = await self._wire.ask(
            self._settings.method,
            filled(self._settings.url, values, in_address),
            headers=self._headers_for(values, body),
            body=body.encode(),
        )
        return self._answer(reply) if isinstance(reply, Reply) else reply

    def _headers_for(self, values: Mapping[str, str], body: str) -> dict[str, str]:
        wanted = self._settings
        headers = {"content-type": _CONTENT_TYPES[wanted.body_format], **wanted.headers}
        headers |= {name: secret.reveal() for name, secret in self._headers.items()}
        if wanted.sign == "basic" and self._secret is not None:
            login = f"{wanted.username}:{self._secret.reveal()}".encode()
            headers["authorization"] = f"Basic {base64.b64encode(login).decode()}"
        if wanted.sign == "hmac" and self._secret is not None:
            signed = filled(wanted.sign_text, {**values, "body": body}, str).encode()
            headers[wanted.sign_header] = hmac.new(self._secret.reveal().encode(), signed, hashlib.sha256).hexdigest()
            headers[wanted.sign_time_header] = values["timestamp"]
        return headers

    def _answer(self, reply: Reply) -> Answer:
        wanted = self._settings
        if not wanted.success_path:
            return self._without_code(reply)
        told = reply.json()
        found = found_at(told, wanted.success_path)
        if found is None:
            return self._wire.by_status(self._host, reply) or self._wire.unreadable(self._host, reply)
        code = _text(found)
        if code == wanted.success_value and reply.status < 300:
            reference = found_at(told, wanted.reference_path) if wanted.reference_path else None
            return Accepted("" if reference is None else _text(reference))
        why = self._wire.said(self._host, f"{wanted.success_path} = {code}")
        if code in wanted.codes_later:
            return Later(why, self._wire.pause_s(reply))
        if code in wanted.codes_broken:
            return Broken(why)
        return self._wire.by_status(self._host, reply) or Refused(why)

    def _without_code(self, reply: Reply) -> Answer:
        if 200 <= reply.status < 300:
            return Accepted()
        why = self._wire.said(self._host, f"status {reply.status}")
        broken = reply.status in (401, 402, 403, 404)
        return self._wire.by_status(self._host, reply) or (Broken(why) if broken else Refused(why))

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`."""
        await self._wire.close()


_CONTENT_TYPES = {
    "json": "application/json; charset=utf-8",
    "form": "application/x-www-form-urlencoded; charset=utf-8",
}
_OWN = ("phone", "template", "key", "timestamp", "timestamp_ms")


def _text(found: Any) -> str:
    """Return a value of JSON as the settings write it: 0, true, OK."""
    return found if isinstance(found, str) else json.dumps(found)
