"""A mail server on loopback: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, QUIT."""

from __future__ import annotations

import asyncio
import base64
import ssl

from tests.alerts.notify.fakes.modes import Mode
from tests.alerts.notify.fakes.served import Served


class FakeSmtp(Served):
    """One server; `mails` are those that it took, as bytes.

    Args:
        tls: certificate of the server.
        security: ``starttls``, ``tls`` or ``none``.
    """

    user, password = "alarm@example.com", "mail/pass+word 1"

    def __init__(self, tls: ssl.SSLContext, security: str = "starttls") -> None:
        super().__init__()
        self.mode = Mode.ACCEPT
        self.security = security
        self.mails: list[bytes] = []
        self.envelopes: list[tuple[str, str]] = []
        self._tls = tls
        self.server_tls = tls if security == "tls" else None

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = receiver = ""
        known = False
        safe = self.security != "starttls"
        writer.write({Mode.FAIL: b"421 4.3.2 closing\r\n", Mode.GARBAGE: b"hello\r\n"}.get(self.mode, b"220 ready\r\n"))
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            word = line.split(" ")[0].split(":")[0].upper()
            if word in ("EHLO", "HELO"):
                more = [] if safe else ["STARTTLS"]
                replies = ["fake", *more, *(["AUTH PLAIN"] if safe else []), "8BITMIME"]
                lines = [f"250-{reply}" for reply in replies[:-1]] + [f"250 {replies[-1]}"]
                writer.write("".join(f"{reply}\r\n" for reply in lines).encode())
            elif word == "STARTTLS":
                writer.write(b"220 go ahead\r\n")
                plain = writer.transport
                try:
                    await writer.start_tls(self._tls)
                except AttributeError:  # CPython 3.11: a handshake that was broken off leaves no transport
                    writer._transport = plain  # type: ignore[attr-defined]
                    plain.abort()
                    raise ConnectionError from None
                safe = True
            elif word == "AUTH":
                login = base64.b64decode(line.split(" ")[2]).decode()
                known = login == f"\0{self.user}\0{self.password}" and self.mode is not Mode.BROKEN
                writer.write(b"235 2.7.0 ok\r\n" if known else f"535 5.7.8 wrong: {login!r} {line}\r\n".encode())
            elif word == "MAIL":
                sender = line
                writer.write(b"250 ok\r\n" if known else b"530 5.7.0 authentication required\r\n")
            elif word == "RCPT":
                receiver = line
                writer.write(self._receiver())
            elif word == "DATA":
                writer.write(b"354 go on\r\n")
                mail = await reader.readuntil(b"\r\n.\r\n")
                if self.mode is Mode.HANG:
                    await self.over.wait()
                self.mails.append(mail)
                self.envelopes.append((sender, receiver))
                if self.mode is Mode.DROP:
                    return
                writer.write(b"250 2.0.0 queued as 1\r\n")
            elif word == "QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()

    def _receiver(self) -> bytes:
        return {
            Mode.REFUSE: b"550 5.1.1 no such user\r\n",
            Mode.BUSY: b"451 4.7.1 greylisted\r\n",
            Mode.LIMITED: b"452 4.5.3 too many\r\n",
        }.get(self.mode, b"250 ok\r\n")
