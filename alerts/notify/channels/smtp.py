"""E-mail by any SMTP server: one connection a message, its replies told apart by who is meant.

======================  =======================================================================================
4xx, silence, 421       Later
5xx to the receiver     Refused (no such mailbox, too large, not taken as it is)
5xx to us               Broken (login, sender's address, our own address blocked, no TLS where TLS is wanted)
======================  =======================================================================================

Source: RFC 5321 §4.2 (reply codes), RFC 4954 §6 (login: 535, 534, 538, 530; 454 is temporary), RFC 3207 (STARTTLS).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from email.headerregistry import Address

import aiosmtplib

from alerts.notify.channels.fitting import not_reached, one_line
from alerts.notify.channels.hiding import Hiding
from alerts.notify.channels.mail import address, mail_of
from alerts.notify.channels.port import Accepted, Answer, Broken, Later, Message, Refused
from coldchain.clock import Clock
from coldchain.errors import ConfigError
from coldchain.net_guard import tls_context
from coldchain.notify_settings import SmtpChannel
from coldchain.secret import Secret

GOODBYE_S = 2.0
"""Longest wait for an answer to QUIT; the message is taken by then."""


class Smtp:
    """One mail server and one sender.

    Raises:
        ConfigError: the sender is no mail address.
    """

    def __init__(self, settings: SmtpChannel, password: Secret | None, clock: Clock) -> None:
        sender = address(settings.sender)
        if sender is None:
            raise ConfigError(f"sender: {settings.sender!r} is no mail address")
        self._settings = settings
        self._sender = Address(one_line(settings.sender_name), addr_spec=settings.sender)
        self._password = password
        self._clock = clock
        self._tls = tls_context(settings.ca_file)
        self._hiding = Hiding(_login_forms(settings.username, password))

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`; ``to`` is one mail address."""
        to = address(message.to)
        if to is None:
            return not_reached(message.to, "mail address")
        mail = mail_of(message, to, self._sender, self._clock.now_ms())
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                await self._deliver(to.addr_spec, bytes(mail))
        except TimeoutError:
            return Later(self._said("no answer in time; whether it arrived is not known"))
        except aiosmtplib.SMTPException as fault:
            return self._answer(fault)
        except OSError as fault:
            return Broken(self._said(_TLS)) if _is_tls(fault) else Later(self._said(type(fault).__name__))
        return Accepted(str(mail["Message-ID"]))

    async def _deliver(self, to: str, mail: bytes) -> None:
        wanted = self._settings
        client = aiosmtplib.SMTP(
            hostname=wanted.host,
            port=wanted.port,
            timeout=wanted.timeout_s,
            use_tls=wanted.security == "tls",
            start_tls=False,
            tls_context=self._tls,
            local_hostname=self._sender.domain,
        )
        try:
            async with asyncio.timeout(wanted.connect_s):
                await client.connect()
            if wanted.security == "starttls":
                await client.starttls()
            if wanted.username and self._password is not None:
                await client.login(wanted.username, self._password.reveal())
            await client.sendmail(self._sender.addr_spec, [to], mail)
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit(timeout=GOODBYE_S)
        finally:
            client.close()

    def _answer(self, fault: aiosmtplib.SMTPException) -> Answer:
        if isinstance(fault, aiosmtplib.SMTPRecipientsRefused):
            return self._by_code(fault.recipients[0].code, fault.recipients[0].message, ours=False)
        if isinstance(fault, aiosmtplib.SMTPResponseException):
            ours = not isinstance(fault, aiosmtplib.SMTPDataError | aiosmtplib.SMTPRecipientRefused)
            return self._by_code(fault.code, fault.message, ours=ours)
        if _is_tls(fault):
            return Broken(self._said(_TLS))
        if isinstance(fault, aiosmtplib.SMTPTimeoutError | aiosmtplib.SMTPServerDisconnected):
            return Later(self._said("no answer; whether it arrived is not known"))
        if isinstance(fault, aiosmtplib.SMTPConnectError):
            return Later(self._said("nobody answers there"))
        return Broken(self._said(fault.message))

    def _by_code(self, code: int, text: str, *, ours: bool) -> Answer:
        why = self._said(f"{code} {text}")
        if not 500 <= code < 600:  # 4xx, and what is no reply code
            return Later(why)
        return Broken(why) if ours or code in (530, 535) else Refused(why)

    def _said(self, text: str) -> str:
        return self._hiding.said(self._settings.host, text)

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`; nothing is kept open."""


_TLS = "its certificate does not hold, or it speaks no TLS as `security` says"


def _is_tls(fault: BaseException | None) -> bool:
    while fault is not None:
        if isinstance(fault, ssl.SSLError):
            return True
        fault = fault.__cause__ or fault.__context__
    return False


def _login_forms(username: str, password: Secret | None) -> list[Secret]:
    """Return the password, and what AUTH PLAIN sends for it."""
    return [] if password is None else [password, Secret(f"\0{username}\0{password.reveal()}")]
