"""What people say when something went wrong: what they did about it, how warm the goods are, who looked at it again.

Everything is *about* an alarm (its id), a lead (``lead:`` and its id) or a risk report (``risk:`` and its id).
Nothing is ever changed: what is said anew stands behind what was said before. The device makes the
ids, so that it works without a line and what comes twice has been said once. Times are ms UTC; temperatures °C.
"""

from __future__ import annotations

import msgspec

from coldchain.custody.papers import Photo

LEAD = "lead:"
RISK = "risk:"

CAUSES = {
    "door-open": ("门没关好,已关好", "the door was not shut; it is now"),
    "restocking": ("正在补货", "goods were being put in"),
    "broken": ("柜子坏了,已报修", "the cooler is broken; the contractor is called"),
    "power": ("停电", "no power"),
    "defrost": ("化霜", "defrosting"),
    "probe": ("探头或信号坏了", "the probe or its signal failed"),
    "on-the-way": ("路上耽误", "delayed on the way"),
    "not-ours": ("不是我店的柜", "not a cooler of ours"),
    "other": ("其他", "something else"),
}
"""Why it happened, in the words of whoever stands before it; 中文 and English."""

DISPOSITIONS = {
    "released": ("放行", "released"),
    "re-inspected": ("送检复检", "re-inspected"),
    "downgraded": ("降级", "downgraded"),
    "destroyed": ("销毁", "destroyed"),
}
"""What becomes of the goods."""

SOURCES = {
    "supervision": ("监督检查", "supervision"),
    "sampling": ("抽检监测", "sampling"),
    "media": ("媒体报道", "media"),
    "complaint": ("投诉举报", "complaint"),
    "employee": ("员工随手报", "an employee's note"),
}
"""Where a lead comes from: the five words of the notice on dairy safety, and employees."""

ENDS = {
    "correction": ("整改", "corrective action"),
    "recall": ("召回", "a recall"),
    "unfounded": ("查无问题", "unfounded"),
}
"""What a lead or a risk comes to."""


class Correction(msgspec.Struct, frozen=True, tag="correction", tag_field="put"):
    """整改: what was done about it; another one about the same says all of it anew, until it is closed.

    Attributes:
        id: made by the device. ``at_ms``: when it was said there.
        cause: one of `CAUSES`. ``action``: what was done, in words.
        photos: of what was done. ``evidence``: what else proves it (a repair slip's number, a test report's).
        responsible: who answers for it. ``due_ms``: until when.
        disposition: one of `DISPOSITIONS`.
        done: nothing is left to do; False: who does what until when is said, and it goes on.
    """

    id: str
    about: str
    at_ms: int
    cause: str = ""
    action: str = ""
    photos: tuple[Photo, ...] = ()
    evidence: str = ""
    responsible: str = ""
    due_ms: int | None = None
    disposition: str = ""
    done: bool = True


class CorrectionVerified(msgspec.Struct, frozen=True, tag="correction-verified", tag_field="put"):
    """复核: a second person looked at exactly one `Correction`, there or from afar.

    Attributes:
        correction: id of what was looked at. ``accepted``: False: sent back; why is the change's reason.
    """

    about: str
    correction: str
    at_ms: int
    accepted: bool


class CoreTemperature(msgspec.Struct, frozen=True, tag="core-temperature", tag_field="put"):
    """中心温度: what a hand thermometer showed inside of a pack; a person's word, never part of the sensor series.

    Attributes:
        about: the alarm that asked for it; empty: nobody asked.
        asset: where the pack lay. ``lot``: which one it was; empty: not said.
        instrument: number of the thermometer.
        limit_celsius: the warmest that the goods may be, both inside; None: nothing says so, and the reading decides
            nothing. ``limit_source``: ``lot``, ``point`` or ``profile`` (`coldchain.goods.points.Condition`).
        lots: that lay there, certain or presumed; held by the same request where the reading is above the limit.
    """

    id: str
    about: str
    asset: str
    celsius: float
    at_ms: int
    instrument: str = ""
    lot: str = ""
    limit_celsius: float | None = None
    limit_source: str = ""
    lots: tuple[str, ...] = ()


class Lead(msgspec.Struct, frozen=True, tag="lead", tag_field="put"):
    """线索: somebody says that something may be wrong; another one with the same id says all of it anew.

    Attributes:
        source: one of `SOURCES`. ``what``: in words.
        due_ms: until when it must be known what it comes to.
        conclusion: what was found. ``ends``: one of `ENDS`; empty: not known yet.
        grade: of the corrective action that it ends in, a `coldchain.corrective.grading.Grade`.
        recall: id of the recall that it ends in.
    """

    id: str
    source: str
    what: str
    at_ms: int
    site: str = ""
    asset: str = ""
    lots: tuple[str, ...] = ()
    photos: tuple[Photo, ...] = ()
    due_ms: int | None = None
    conclusion: str = ""
    ends: str = ""
    grade: str = "serious"
    recall: str = ""


class RiskReport(msgspec.Struct, frozen=True, tag="risk-report", tag_field="put"):
    """食品安全风险报告 (Food Safety Law art. 47); another one with the same id says all of it anew.

    Attributes:
        source: what it rests on: an alarm's id, ``lead:`` and an id, or words.
        what: the potential risk. ``measures``: what was done about it.
        to: whom it is for, as a rule the county's market supervision. ``sent_ms``: when it went out; None: not yet.
        receipt: number or words of the receipt; empty: none yet.
        ends, grade, recall: as of a `Lead`.
    """

    id: str
    source: str
    what: str
    at_ms: int
    site: str = ""
    lots: tuple[str, ...] = ()
    measures: str = ""
    to: str = ""
    sent_ms: int | None = None
    receipt: str = ""
    ends: str = ""
    grade: str = "serious"
    recall: str = ""


CORRECTIVE = (Correction, CorrectionVerified, CoreTemperature, Lead, RiskReport)
"""Every kind of change entry of this package."""

Corrective = Correction | CorrectionVerified | CoreTemperature | Lead | RiskReport


def about_of(put: Corrective) -> str:
    """Return what an entry is about: an alarm's id, a lead or a risk.

    >>> about_of(Lead("L1", "media", "…", 0))
    'lead:L1'
    """
    match put:
        case Lead():
            return LEAD + put.id
        case RiskReport():
            return RISK + put.id
        case _:
            return put.about
