"""What is wrong with an identifier: where, what was found, what to do about it; code → (中文, English)."""

from __future__ import annotations

from coldchain.errors import ConfigError

WORDS = {
    "digits": ("应为 {wanted} 位数字,实为 {found!r}", "{found!r} is not {wanted} digits: read it again from the label"),
    "check-digit": (
        "{found!r} 的校验位是 {last},应为 {wanted}:请核对或重新扫描",
        "{found!r} ends with {last}, its check digit is {wanted}: compare with the label or scan again",
    ),
    "length": ("{found!r} 应为 1 至 {most} 个字符", "{found!r} is not 1 to {most} characters: read it again"),
    "character": (
        "{found!r} 含有 {sign!r}:只能用字母、数字和 !\"%&'()*+,-./:;<=>?_",
        "{found!r} has {sign!r}: only letters, digits and !\"%&'()*+,-./:;<=>?_ may stand there",
    ),
    "day": ("{found!r} 不是日期 YYMMDD", "{found!r} is no day YYMMDD: read it again from the label"),
    "minute": ("{found!r} 不是时间 YYMMDDHHMM", "{found!r} is no time YYMMDDHHMM: read it again from the label"),
    "unknown": ("不认识的应用标识符", "no application identifier that is known here: leave it out"),
    "prefix": (
        "厂商识别代码应为 6 至 12 位,实为 {found}:以发证机构的证书为准",
        "a company prefix has 6 to 12 digits, not {found}: its length stands on the licence from GS1",
    ),
    "name-form": ("应为 {wanted}", "not of the form {wanted}"),
    "name-none": ("没有对应的 EPC 名称:{found}", "no EPC name for {found}: give a serial, a lot or another key"),
    "extension-zero": ("扩展 0 表示没有扩展,请留空", "the extension 0 means that there is none: leave it out"),
    "key-none": ("没有主标识:{wanted} 之一", "no key among them: one of {wanted} has to be there"),
    "key-many": ("主标识不止一个:{found}", "more than one key, {found}: write a link for each"),
    "key-missing": ("缺少 ({key}),({ai}) 必须跟在其后", "({ai}) says more about ({key}), which is not there: add it"),
    "order": ("次序应为 {wanted}", "out of order: behind the key come {wanted}"),
    "link-key": (
        "链接中没有 GS1 标识;压缩链接不支持",
        "no GS1 key in its path (a compressed link is not read): scan the text beside it",
    ),
    "twice": ("出现两次且不同", "stands there twice and differs: scan again"),
    "scan-empty": ("没有可用的内容:请重新扫描", "nothing in it that is known here: scan again, or another code"),
    "scan-short": (
        "应有 {wanted} 个字符,只剩 {found!r}",
        "{wanted} characters should follow, {found!r} is all there is: scan again",
    ),
    "separator": (
        "{found!r} 太长:后面可能缺少分隔符 FNC1",
        "{found!r} is too long: the separator FNC1 behind it may be missing on the label",
    ),
}


class Gs1Fault(ConfigError):
    """An identifier that cannot be right: somebody must read, scan or type it again.

    Attributes:
        code: one of `WORDS`.
        place: which identifier: ``(10)``, a name, a link.
        character: where it begins in a scan, from 1; None elsewhere.
    """

    def __init__(self, code: str, place: str, character: int | None = None, **facts: object) -> None:
        self.code = code
        self.place = place
        self.character = character
        self._facts = facts
        super().__init__(self.said())

    def at(self, character: int) -> Gs1Fault:
        """Return the same fault with where it begins in a scan."""
        return Gs1Fault(self.code, self.place, character, **self._facts)

    def said(self, language: str = "en") -> str:
        """Return it as a sentence in ``zh`` or ``en``."""
        zh, en = WORDS[self.code]
        if language == "zh":
            where = "" if self.character is None else f",第 {self.character} 个字符起"
            return f"{self.place}{where}:{zh.format(**self._facts)}"
        where = "" if self.character is None else f" at character {self.character}"
        return f"{self.place}{where}: {en.format(**self._facts)}"
