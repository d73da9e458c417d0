"""E-mail: what is in it, who may be spoofed by it (nobody), and what each reply means."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from alerts.notify.channels.mail import address, mail_of
from alerts.notify.channels.opening import channels_of
from alerts.notify.channels.port import Accepted, Broken, Message
from coldchain.clock import TestClock
from coldchain.notify_settings import NotifySettings
from tests.alerts.notify.certificates import certificate
from tests.alerts.notify.fakes.smtp import FakeSmtp
from tests.alerts.notify.kits import PICTURE, open_kit, secret_file


def made(**changes: object) -> EmailMessage:
    """Return a mail as a mail program reads it."""
    values: dict[str, object] = {
        "key": "k1", "to": "qa@example.com", "language": "zh", "title": "奶柜3 温度偏高",
        "lines": ("现在 9.4 ℃", "<script>alert(1)</script>"), "link": "https://milk.example.com/a/1?b=1&c=2",
        "picture": PICTURE,
    }  # fmt: skip
    to, sender = address("qa@example.com"), address("alarm@example.com")
    assert to is not None
    assert sender is not None
    mail = mail_of(Message(**{**values, **changes}), to, sender, 1_700_000_000_000)  # type: ignore[arg-type]
    read = email.message_from_bytes(bytes(mail), policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read


def parts(mail: EmailMessage) -> dict[str, EmailMessage]:
    return {part.get_content_type(): part for part in mail.walk() if isinstance(part, EmailMessage)}


def test_a_mail_has_text_and_html_and_the_chart_inside_the_html() -> None:
    mail = made()

    found = parts(mail)
    picture = found["image/png"]
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "multipart/related"]
    assert picture.get_content() == PICTURE
    assert picture["Content-Disposition"] == "inline"
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in found["text/html"].get_content()
    assert "现在 9.4 ℃" in found["text/plain"].get_content().splitlines()
    assert "https://milk.example.com/a/1?b=1&c=2" in found["text/plain"].get_content()


def test_nothing_that_people_named_is_markup() -> None:
    html = parts(made(title="<img src=x onerror=y>"))["text/html"].get_content()

    assert "<script>" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'href="https://milk.example.com/a/1?b=1&amp;c=2"' in html


def test_a_link_that_is_no_web_address_is_no_link() -> None:
    assert "href" not in parts(made(link="javascript:alert(1)"))["text/html"].get_content()


@pytest.mark.parametrize(
    "title", ["x\r\nBcc: all@example.com", "x\nBcc: all@example.com", "x\u2028Bcc: a", "x\0\x0bBcc: a"]
)
def test_a_title_adds_no_header(title: str) -> None:
    mail = made(title=title)

    assert "Bcc" not in mail
    assert mail["Subject"].startswith("x Bcc: a")


def test_the_second_attempt_is_the_same_mail_for_a_mailbox() -> None:
    first, again, other = made(), made(), made(key="k2")

    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@example.com>")


def test_holiday_answers_stay_away_and_the_date_is_the_clocks() -> None:
    mail = made()

    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Tue, 14 Nov 2023 22:13:20 -0000"


@pytest.mark.parametrize(
    "text", ["", "qa", "@example.com", "qa@", "a@b@c", "a b@example.com", "qa@example.com\r\nX: y", "<qa@example.com>",
             "qa@example.com;b@example.com", "名@example.com"],
)  # fmt: skip
def test_what_is_not_one_mail_address_is_none(text: str) -> None:
    assert address(text) is None


# -- the server ------------------------------------------------------------------------------------------------


async def sent(folder: Path, fake: FakeSmtp, ca_file: Path, **changes: object) -> object:
    settings = {
        "kind": "smtp", "host": "localhost", "port": fake.port, "username": fake.user, "sender": fake.user,
        "password_file": secret_file(folder, "password", fake.password), "ca_file": str(ca_file), "timeout_s": 30.0,
        "security": fake.security, **changes,
    }  # fmt: skip
    channel = channels_of(NotifySettings.model_validate({"channels": {"it": settings}}), TestClock())["it"]
    return await channel.send(Message(key="k", to="qa@example.com", language="en", title="t", lines=("l",)))


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
async def test_each_way_of_securing_the_line_delivers(security: str, tmp_path: Path) -> None:
    file, tls = certificate(tmp_path, "localhost")
    async with FakeSmtp(tls, security) as fake:
        answer = await sent(tmp_path, fake, file)

    assert isinstance(answer, Accepted)
    assert answer.reference.endswith("@example.com>")
    assert fake.envelopes == [("MAIL FROM:<alarm@example.com>", "RCPT TO:<qa@example.com>")]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_of_somebody_else_is_broken_and_gets_no_password(security: str, tmp_path: Path) -> None:
    file, tls = certificate(tmp_path, "other.test")
    async with FakeSmtp(tls, security) as fake:
        answer = await sent(tmp_path, fake, file)

    assert isinstance(answer, Broken), answer
    assert not fake.mails


async def test_a_server_without_the_tls_that_is_wanted_is_broken_and_gets_no_password(tmp_path: Path) -> None:
    file, tls = certificate(tmp_path, "localhost")
    async with FakeSmtp(tls, "none") as fake:
        answer = await sent(tmp_path, fake, file, security="starttls")

    assert isinstance(answer, Broken)
    assert not fake.mails


async def test_the_fake_takes_nobody_without_the_password(tmp_path: Path) -> None:
    file, tls = certificate(tmp_path, "localhost")
    async with FakeSmtp(tls) as fake:
        answer = await sent(tmp_path, fake, file, password_file=secret_file(tmp_path, "wrong", "wrong"))

    assert isinstance(answer, Broken)
    assert "535" in answer.why
    assert "wrong" not in answer.why.replace("wrong:", "")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("421 4.3.2 closing", "Later"),
        ("450 4.2.1 mailbox busy", "Later"),
        ("550 5.1.1 no such user", "Refused"),
        ("551 5.7.1 not here", "Refused"),
        ("552 5.2.2 mailbox full", "Refused"),
        ("554 5.7.1 spam", "Refused"),
        ("530 5.7.0 authentication required", "Broken"),
    ],
)
async def test_what_is_said_of_the_receiver(
    reply: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSmtp, "_receiver", lambda _: f"{reply}\r\n".encode())
    async with open_kit("smtp", tmp_path, TestClock()) as kit:
        answer = await kit.channel.send(kit.message())

    assert type(answer).__name__ == expected
    assert reply in getattr(answer, "why", "")
