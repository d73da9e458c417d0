"""Recalls: which lots, how urgent, what the plan says, and what each consignee answered.

Times are measured times, ms UTC. A drill (召回演练) is a recall in everything but its word.
"""

from __future__ import annotations

import msgspec

START_H = {1: 24, 2: 48, 3: 72}
"""一级, 二级, 三级 → hours within which a recall must have begun; read on web pages about the measures for food recall,
not in their text."""

STEPS = ("notified", "stopped", "recovered")
"""What a consignee confirms: 已通知, 已停售, 已召回."""


class RecallPlan(msgspec.Struct, frozen=True):
    """召回计划: its eight items, each as text. That they are these eight is from memory, not read.

    Attributes:
        producer: who recalls, with address and telephone. ``goods``: product, lots, quantity, area.
        harm: reason and harm. ``procedure``: level, steps, deadlines. ``notice``: what is announced, and how.
        duties: of those who have the goods. ``disposal``: what becomes of them, and who pays. ``expected``: effect.
    """

    producer: str = ""
    goods: str = ""
    harm: str = ""
    procedure: str = ""
    notice: str = ""
    duties: str = ""
    disposal: str = ""
    expected: str = ""


class Recall(msgspec.Struct, frozen=True, tag="recall", tag_field="put"):
    """Lots are called back, with everything that came out of them; another entry with the same id says it anew.

    Attributes:
        level: one of `START_H`.
        at_ms: when it was decided; its clocks run from here.
        consumer_notice: 消费者告知, the text for the public.
        drill: nothing is really called back; how long it takes is measured.
    """

    id: str
    level: int
    at_ms: int
    lots: tuple[str, ...]
    plan: RecallPlan = RecallPlan()
    consumer_notice: str = ""
    drill: bool = False


class RecallAnswer(msgspec.Struct, frozen=True, tag="recall-answer", tag_field="put"):
    """What a site confirms; of the same recall, site and step the last in the ledger counts.

    Attributes:
        step: one of `STEPS`.
        quantity: how much was taken off sale, or came back; None: not counted.
        photo: SHA-256 of the picture, 64 hexadecimal digits; the picture itself is kept elsewhere.
    """

    recall: str
    site: str
    step: str
    at_ms: int
    quantity: float | None = None
    photo: str = ""


class RecallEnd(msgspec.Struct, frozen=True, tag="recall-end", tag_field="put"):
    """A recall is closed; the last word counts.

    Attributes:
        report: conclusion of the closing report (总结报告): what was done with the goods, what prevents it from now on.
    """

    recall: str
    at_ms: int
    report: str


RECALLS = (Recall, RecallAnswer, RecallEnd)
"""Every kind of change entry of a recall."""

Recalling = Recall | RecallAnswer | RecallEnd


def recall_of(put: Recalling) -> str:
    """Return the recall that an entry speaks of."""
    return put.id if isinstance(put, Recall) else put.recall
