"""What a cell of a list of people may hold: addresses at which somebody is reached, roles, hours."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, tzinfo

from coldchain.people.hours import text_of, week_of
from coldchain.people.roles import ROLE_WORDS, Role
from coldchain.registry.cells import Both
from coldchain.registry.forms import Form, Hours, Word
from coldchain.registry.vocabulary import Words

LONGEST_MAIL = 254
"""Characters of a mail address (RFC 5321 §4.5.3.1.3, without the brackets)."""

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\Z")
_DIALLED = re.compile(r"(?:1[3-9]\d{9}|0\d{9,11}|[48]00\d{7}|\+[1-9]\d{6,14})\Z")
"""A mobile number, an area code and a number, 400 and 800 numbers; elsewhere E.164, at most 15 digits."""

_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}\Z")

_DAYS = {
    "工作日": "workday", "节假日": "holiday", "休息日": "holiday", "假日": "holiday",
    "每天": "mon-sun", "每日": "mon-sun", "daily": "mon-sun", "weekdays": "mon-fri",
    **{f"{week}{day}": name for week in ("周", "星期", "礼拜") for day, name in
       zip("一二三四五六日天", ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "sun"), strict=True)},
}  # fmt: skip
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)(?:-(?:mon|tue|wed|thu|fri|sat|sun))?|workday|holiday"
_TOKEN = re.compile(rf"({_DAY})(?![a-z])|(\d{{1,2}}(?::\d{{2}})?-\d{{1,2}}(?::\d{{2}})?)|[\s,;]+")

_ALSO = {
    Role.CLERK: ("营业员", "导购"), Role.STORE_MANAGER: ("门店负责人",), Role.AREA_MANAGER: ("大区经理", "区域负责人"),
    Role.AREA_DUTY: ("区域值班",), Role.SITE_DUTY: ("值班", "值班员"), Role.SUPERVISOR: ("值班主管",),
    Role.SITE_HEAD: ("库长", "厂长", "站长"), Role.DISPATCHER: ("调度员",), Role.DRIVER: ("驾驶员",),
    Role.MILK_LEAD: ("奶源主管",), Role.QUALITY: ("质量", "品控", "QA"), Role.CONTRACTOR: ("维保", "维修"),
    Role.FOOD_SAFETY_OFFICER: ("食安员",), Role.FOOD_SAFETY_DIRECTOR: ("食安总监",),
    Role.ADMINISTRATOR: ("系统管理员",),
}  # fmt: skip

ROLES: Words = {role.value: (*words, *_ALSO.get(role, ())) for role, words in ROLE_WORDS.items()}


@dataclass(frozen=True, slots=True)
class RoleWord(Word):
    """A role, in Chinese or English."""

    words: Words = None  # type: ignore[assignment] # as in Word; `role_word` gives it

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        return Role(str(Word.read(self, value, zone, strict=strict)))


def role_word() -> RoleWord:
    """Return the form of a role."""
    return RoleWord(words=ROLES)


@dataclass(frozen=True, slots=True)
class Mail(Form):
    """A mail address."""

    @property
    def expected(self) -> Both:
        return "邮箱地址,例如 zhang.san@example.com", "a mail address such as zhang.san@example.com"

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        said = unicodedata.normalize("NFKC", self._text(value, strict=strict)).strip()
        if said and (len(said) > LONGEST_MAIL or ".." in said or not _MAIL.match(said)):
            raise self.wrong(value)
        return said


@dataclass(frozen=True, slots=True)
class Dialled(Form):
    """One telephone number that a machine can dial, kept as digits; outside China with ``+`` and country code."""

    @property
    def expected(self) -> Both:
        return (
            "一个手机号(11 位)、带区号的座机号,或以 + 和国家代码开头的号码",
            "one telephone number: a Chinese mobile, an area code and a number, or + and a country code",
        )

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        said = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", self._text(value, strict=strict)))
        said = re.sub(r"^(?:\+86|0086)(?=[1-9])", "", said)
        if said and not _DIALLED.match(said):
            raise self.wrong(value)
        return said


@dataclass(frozen=True, slots=True)
class Account(Form):
    """A user id in a company's account at a provider."""

    @property
    def expected(self) -> Both:
        return "账号(字母、数字、_ . @ -,至多 64 位)", "a user id: at most 64 of A-Z a-z 0-9 _ . @ -"

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        said = unicodedata.normalize("NFKC", self._text(value, strict=strict)).strip()
        if said and not _ACCOUNT.match(said):
            raise self.wrong(value)
        return said


@dataclass(frozen=True, slots=True)
class Quiet(Hours):
    """One span of the clock, ``22:00-07:00``."""

    @property
    def expected(self) -> Both:
        return "一段时间,例如 22:00-07:00", "one span such as 22:00-07:00"

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        said = str(Hours.read(self, value, zone, strict=strict))
        if "," in said:
            raise self.wrong(value)
        return said


@dataclass(frozen=True, slots=True)
class WeekHours(Form):
    """Hours of a week, kept as ``mon-fri 08:00-20:00, sat 09:00-13:00``."""

    @property
    def expected(self) -> Both:
        return (
            "每周时段,例如 周一至周五 08:00-20:00,周六 09:00-13:00;也可写工作日、节假日",
            "hours of a week such as mon-fri 08:00-20:00, sat 09:00-13:00; workday and holiday are days, too",
        )

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        said = unicodedata.normalize("NFKC", self._text(value, strict=strict)).strip().lower()
        for word, day in _DAYS.items():
            said = said.replace(word, f" {day} ")
        said = re.sub(r"\s*(?:[~—–至到]+|-+)\s*", "-", said).replace("、", ",").replace("点", ":00")
        tokens, at = [], 0
        while at < len(said):
            found = _TOKEN.match(said, at)
            if not found:
                raise self.wrong(value)
            tokens.append(found[1] or _clock(found[2]))
            at = found.end()
        try:
            return text_of(week_of(" ".join(filter(None, tokens)))) if any(tokens) else ""
        except ValueError:
            raise self.wrong(value) from None


def _clock(span: str | None) -> str:
    """Return a span with its minutes: ``8-20`` becomes ``8:00-20:00``."""
    return "-".join(end if ":" in end else f"{end}:00" for end in span.split("-")) if span else ""
