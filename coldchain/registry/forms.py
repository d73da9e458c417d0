"""What a cell may hold: each form reads a cell to the registry's value, or says what was found and what was expected.

A cell comes as text (CSV), as Excel typed it, or as TOML wrote it; `Form.read` takes all three, and `Form.write`
gives back what reads the same again. TOML has types, so there a number in quotes is a fault.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coldchain.gs1 import Gs1Fault, gln13
from coldchain.registry.cells import Both, Wrong
from coldchain.registry.credit_code import fits
from coldchain.registry.fold import KEY
from coldchain.registry.vocabulary import Words, code_of, word_of
from coldchain.senml import valid_name
from coldchain.topics import valid_id

EXCEL_DIGITS = 15
"""An Excel number keeps 15 digits; whatever was typed behind them is gone."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOME = ZoneInfo("Asia/Shanghai")
"""Times are written in this zone, with its offset."""

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月)(\d{1,2})日?(?: 00:00:00)?\Z")
_HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?\Z")
_PHONE = re.compile(r"[-+0-9 ()/,;、转xX#]{6,60}\Z")


@dataclass(frozen=True, slots=True)
class Form:
    """Any text; other forms narrow it."""

    default: object = ""

    @property
    def expected(self) -> Both:
        """What should stand there."""
        return "文字", "text"

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """Return the registry's value of a cell.

        Raises:
            Wrong: with what was found and what was expected.
        """
        return self._text(value, strict=strict)

    def write(self, value: object, language: str) -> object:
        """Return what a cell says for a value: text or a number."""
        return value

    def wrong(self, found: object) -> Wrong:
        """Return the fault of a cell that does not have this form."""
        zh, en = self.expected
        return Wrong(f"内容为 {_shown(found)},应为{zh}", f"{_shown(found)} found, {en} expected")

    def _text(self, value: object, *, strict: bool = False) -> str:
        if isinstance(value, str):
            return value
        if strict or isinstance(value, bool):
            raise self.wrong(value)
        if isinstance(value, int | float):
            return _digits(value)
        if isinstance(value, date):
            raise Wrong(
                f"Excel 把它变成了日期 {value:%Y-%m-%d},应为{self.expected[0]}:请先把该列设为“文本”格式再填写",
                f"Excel made the date {value:%Y-%m-%d} of it, {self.expected[1]} expected: format the column as text",
            )
        raise self.wrong(value)


@dataclass(frozen=True, slots=True)
class Ident(Form):
    """An id of the registry."""

    @property
    def expected(self) -> Both:
        return (
            "1 至 64 位字母、数字或 . _ : -,以字母或数字开头",
            "1 to 64 of A-Z a-z 0-9 . _ : - that start with a letter or digit",
        )

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        name = _half_width(value) if isinstance(value, str) else self._text(value, strict=strict)
        if not valid_id(name):
            raise self.wrong(value)
        return name


@dataclass(frozen=True, slots=True)
class OwnIdent(Ident):
    """The id that a row is known by."""

    def wrong(self, found: object) -> Wrong:
        """See `Form.wrong`."""
        zh, en = self.expected
        return Wrong(f"编号为 {_shown(found)},应为{zh}", f"{_shown(found)}: id must be {en}")


@dataclass(frozen=True, slots=True)
class Channel(Form):
    """A SenML name."""

    @property
    def expected(self) -> Both:
        return "探头名称(SenML),例如 urn:dev:mac:0024befffe801010:temperature", "a probe's SenML name"

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        name = self._text(value, strict=strict)
        if not valid_name(name):
            raise Wrong(f"{_shown(value)} 不是 SenML 名称", f"{_shown(value)} is not a SenML name")
        return name


@dataclass(frozen=True, slots=True)
class Several(Form):
    """Several texts; in a cell one a line, or with spaces, commas, 、 or ; between."""

    default: object = ()
    hex64: bool = False

    @property
    def expected(self) -> Both:
        return ("64 位十六进制公钥", "64 hex digits") if self.hex64 else ("一个或多个名称", "names")

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        if isinstance(value, list | tuple):
            if not all(isinstance(part, str) for part in value):
                raise self.wrong(value)
            parts = tuple(value)
        elif strict:
            raise self.wrong(value)
        else:
            parts = tuple(filter(None, re.split(r"[\s,;、,;]+", self._text(value))))
        for part in parts:
            if self.hex64 and not KEY.match(part):
                raise Wrong(
                    f"公钥 {part!r:.20} 应为 64 位十六进制数",
                    f"{part!r:.20}: a key must be 64 hex digits, as `coldchain` prints it",
                )
            if not self.hex64 and not valid_name(part):
                raise Wrong(f"{part!r:.80} 不是 SenML 名称", f"{part!r:.80} is not a SenML name")
        return parts

    def write(self, value: object, language: str) -> object:
        """See `Form.write`."""
        return " ".join(value) if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class Number(Form):
    """A finite number between two bounds.

    Attributes:
        what: 中文 and English unit or meaning, for messages.
        hint: the likely cause of another number.
    """

    default: object = None
    low: float = -math.inf
    high: float = math.inf
    what: Both = ("", "")
    hint: Both = ("", "")
    whole: bool = False

    @property
    def expected(self) -> Both:
        zh, en = ("整数", "a whole number") if self.whole else ("有限的数", "a finite number")
        if math.isfinite(self.low) and math.isfinite(self.high):
            zh, en = f"{self.low:g} 至 {self.high:g} 的数", f"a number from {self.low:g} to {self.high:g}"
        elif math.isfinite(self.low):
            zh, en = f"不小于 {self.low:g} 的{zh}", f"{en} of at least {self.low:g}"
        return zh + self.what[0], en + self.what[1]

    def wrong(self, found: object) -> Wrong:
        """See `Form.wrong`."""
        zh, en = Form.wrong(self, found).said
        return Wrong(zh + self.hint[0], en + self.hint[1])

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        number: float | int
        if isinstance(value, str) and not strict:
            try:
                text = unicodedata.normalize("NFKC", value).strip().replace("−", "-").removesuffix("°C").rstrip("°")
                number = int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)
            except ValueError:
                raise self.wrong(value) from None
        elif isinstance(value, int | float) and not isinstance(value, bool):
            number = value
        else:
            raise self.wrong(value)
        if not math.isfinite(number) or not self.low <= number <= self.high:
            raise self.wrong(value)
        if not self.whole:
            return float(number)
        if number != int(number) or (strict and isinstance(value, float)):
            raise self.wrong(value)
        return int(number)


_SWAPPED: Both = "(经度、纬度填反了?)", " (longitude and latitude swapped?)"
DEGREES = Number(low=-90, high=90, hint=_SWAPPED), Number(low=-180, high=180, hint=_SWAPPED)
"""Latitude, longitude."""


@dataclass(frozen=True, slots=True)
class Corners(Form):
    """Corners of an area, (latitude, longitude) each; in a cell with ; between them."""

    default: object = ()

    @property
    def expected(self) -> Both:
        return "顶点(纬度,经度;…),例如 31.1,121.4; 31.2,121.4; 31.2,121.5", (
            "corners (latitude,longitude; …) such as 31.1,121.4; 31.2,121.4; 31.2,121.5"
        )

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        if isinstance(value, list | tuple):
            pairs = list(value)
        elif strict or not isinstance(value, str):
            raise self.wrong(value)
        else:
            parts = unicodedata.normalize("NFKC", value).replace("\n", ";").split(";")
            pairs = [re.split(r"[,\s]+", part.strip()) for part in parts if part.strip()]
        return tuple(self._corner(pair, strict=strict) for pair in pairs)

    def _corner(self, pair: object, *, strict: bool) -> tuple[float, float]:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise self.wrong(pair)
        latitude, longitude = (form.read(said, strict=strict) for form, said in zip(DEGREES, pair, strict=True))
        assert isinstance(latitude, float)
        assert isinstance(longitude, float)
        return latitude, longitude

    def write(self, value: object, language: str) -> object:
        """See `Form.write`."""
        if not isinstance(value, list | tuple):
            return value
        return "; ".join(f"{latitude!r},{longitude!r}" for latitude, longitude in value)


@dataclass(frozen=True, slots=True)
class Day(Form):
    """A day, kept as ``2027-03-31``."""

    @property
    def expected(self) -> Both:
        return "日期,例如 2027-03-31", "a day such as 2027-03-31"

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        if isinstance(value, date):  # a datetime, too: Excel has nothing else
            return f"{value:%Y-%m-%d}"
        if not isinstance(value, str):
            raise self.wrong(value)
        found = _DAY.match(unicodedata.normalize("NFKC", value).strip())
        if not found:
            raise self.wrong(value)
        try:
            year, *months, day = found.groups()
            return date(int(year), int(next(filter(None, months))), int(day)).isoformat()
        except ValueError:
            raise self.wrong(value) from None


@dataclass(frozen=True, slots=True)
class Instant(Form):
    """A moment, kept as ms UTC; without an offset it is in the zone of the row's site, and written with one."""

    default: object = None

    @property
    def expected(self) -> Both:
        return (
            "时间,例如 2026-05-01 08:00(网点当地时间)或 2026-05-01T08:00:00+08:00",
            "a time such as 2026-05-01 08:00 (in the site's zone) or 2026-05-01T08:00:00+08:00",
        )

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        if strict and isinstance(value, int) and not isinstance(value, bool):
            return value
        moment: datetime
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone is laid on below
        elif isinstance(value, str):
            text = re.sub(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", _dashed, unicodedata.normalize("NFKC", value).strip())
            try:
                moment = datetime.fromisoformat(re.sub(r"\b(\d):(\d\d)", r"0\1:\2", text, count=1))
            except ValueError:
                raise self.wrong(value) from None
        else:
            raise self.wrong(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return (moment.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)

    def write(self, value: object, language: str) -> object:
        """See `Form.write`."""
        if not isinstance(value, int):
            return value
        moment = (EPOCH + timedelta(milliseconds=value)).astimezone(HOME)
        return moment.isoformat(timespec="milliseconds" if value % 1000 else "seconds")


@dataclass(frozen=True, slots=True)
class Word(Form):
    """One of some words, in Chinese, English or the registry's own.

    Attributes:
        words: what is understood.
        any_word: whether another word is kept as it came.
    """

    words: Words = None  # type: ignore[assignment] # every use gives it; a default cannot be left out here
    any_word: bool = False

    @property
    def expected(self) -> Both:
        return "/".join(word[0] for word in self.words.values()), "one of " + ", ".join(self.words)

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        said = self._text(value, strict=strict)
        code = code_of(self.words, said)
        if code is None and not (self.any_word and said):
            raise self.wrong(value)
        return code or said

    def write(self, value: object, language: str) -> object:
        """See `Form.write`."""
        return word_of(self.words, str(value), language)


@dataclass(frozen=True, slots=True)
class Hours(Form):
    """Opening hours, kept as ``08:00-22:00``; several with a comma between."""

    @property
    def expected(self) -> Both:
        return "营业时间,例如 08:00-22:00", "opening hours such as 08:00-22:00"

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        said = "".join(unicodedata.normalize("NFKC", self._text(value, strict=strict)).split())
        if said in ("24小时", "全天", "24h", "24/7"):
            return "00:00-24:00"
        parts = [self._span(part, value) for part in re.split(r"[,;、,;]", said) if said]
        return ",".join(parts)

    def _span(self, part: str, value: object) -> str:
        found = _HOURS.match(re.sub(r"[~—–至到]+|--+", "-", part).replace("点", ":00"))
        if not found:
            raise self.wrong(value)
        minutes = [int(found[1]) * 60 + int(found[2] or 0), int(found[3]) * 60 + int(found[4] or 0)]
        if max(minutes) > 24 * 60 or int(found[2] or 0) > 59 or int(found[4] or 0) > 59:
            raise self.wrong(value)
        return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in minutes)


@dataclass(frozen=True, slots=True)
class Phone(Form):
    """Telephone numbers, loosely: at least six digits, and what people write between them."""

    @property
    def expected(self) -> Both:
        return "电话号码", "a telephone number"

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        said = unicodedata.normalize("NFKC", self._text(value, strict=strict)).strip()
        if said and (not _PHONE.match(said) or sum(sign.isdigit() for sign in said) < 6):
            raise self.wrong(value)
        return said


@dataclass(frozen=True, slots=True)
class Gln(Form):
    """A global location number of GS1."""

    @property
    def expected(self) -> Both:
        return "13 位全球位置码,末位校验码须相符", "13 digits whose last one fits the others (mistyped?)"

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        said = self._text(value, strict=strict).strip()
        try:
            return gln13(said) if said else ""
        except Gs1Fault:
            raise self.wrong(value) from None


@dataclass(frozen=True, slots=True)
class CreditCode(Form):
    """统一社会信用代码."""

    @property
    def expected(self) -> Both:
        return (
            "18 位统一社会信用代码(GB 32100-2015,末位校验码须相符)",
            "18 characters of GB 32100-2015 whose last one fits the others (mistyped?)",
        )

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        code = _half_width(self._text(value, strict=strict)).upper()
        if code and not fits(code):
            raise self.wrong(value)
        return code


@dataclass(frozen=True, slots=True)
class Zone(Form):
    """An IANA time zone."""

    default: object = "Asia/Shanghai"

    @property
    def expected(self) -> Both:
        return "时区名称,例如 Asia/Shanghai", "a time zone such as Asia/Shanghai"

    def read(self, value: object, zone: tzinfo = UTC, *, strict: bool = False) -> object:
        """See `Form.read`."""
        name = self._text(value, strict=strict)
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise self.wrong(value) from None
        return name


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _dashed(found: re.Match[str]) -> str:
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"


def _digits(number: float) -> str:
    if isinstance(number, float) and number != int(number):
        return repr(number)
    if abs(number) >= 10**EXCEL_DIGITS:
        raise Wrong(
            f"以数字存储,Excel 只保留前 {EXCEL_DIGITS} 位({number:.0f}):请把该列设为“文本”格式后重新填写",
            f"is stored as a number, of which Excel keeps {EXCEL_DIGITS} digits ({number:.0f}): format the column as "
            "text and type it again",
        )
    return str(int(number))


def _shown(found: object) -> str:
    return f"{found!r:.80}"
