"""A recall as it stands: who must act, who did, how much came back, and which clocks run.

::

    entries of a recall ──▶ RecallBook (pure) ─┐
    lots, what came out of them, consignees ───┴──▶ a task a site ──▶ progress, clocks, closing report
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from coldchain.custody.recalls import START_H, STEPS, Recall, RecallAnswer
from coldchain.goods.reader import GoodsReader
from coldchain.goods.recallbook import RecallBook, RecallSaid
from coldchain.goods.where import Consignee, consignees, site_of, total
from coldchain.kinetics import MS_PER_HOUR
from coldchain.registry import Registry

HALF = 0.5
"""Share of the time after which the next one up is told; assumed."""

ESCALATIONS = (
    ("门店/收货方负责人", "the consignee's manager"),
    ("区域负责人", "the area's manager"),
    ("召回负责人", "who answers for the recall"),
)
"""Who must look after a task that is not confirmed: at once, after `HALF` of the time, when it is over; assumed."""

DRILL = "演练 (drill)"
"""Stands on every form of a drill."""


@dataclass(frozen=True, slots=True)
class Task:
    """What one site has to do: stop the sale, count, send a picture, give the goods back.

    Attributes:
        received: by lot; empty where goods only lie there (a warehouse of one's own, a truck).
        planned: how much lay there when the recall was decided; None: uncounted.
        answers: step → answer.
        due_ms: until when the sale must be stopped.
        escalation: index of `ESCALATIONS`; None once the sale is stopped.
        next_ms: when the next one up has to look after it; None: nobody is above, or the sale is stopped.
    """

    site: str
    operator: str
    received: tuple[Consignee, ...]
    planned: float | None
    answers: dict[str, RecallSaid]
    due_ms: int
    escalation: int | None
    next_ms: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a recall is; the numbers of its progress and closing reports.

    Attributes:
        unit: of the quantities; empty, and they are None, where the lots have several.
        share: recovered ÷ planned; None where either is not counted, or nothing was planned.
        took_ms: step → from the decision until every site had confirmed it; None while one has not. What gave goods
            back has stopped, and what has stopped was notified.
    """

    sites: int
    notified: int
    stopped: int
    recovered: int
    overdue: int
    unit: str
    planned_quantity: float | None
    stopped_quantity: float | None
    recovered_quantity: float | None
    share: float | None
    took_ms: Mapping[str, int | None]


def due_of(recall: Recall) -> int:
    """Return until when a recall must have begun everywhere, ms: by its level, from its decision."""
    return recall.at_ms + round(START_H[recall.level] * MS_PER_HOUR)


def tasks(reader: GoodsReader, registry: Registry, book: RecallBook, now_ms: int) -> list[Task]:
    """Return a task for every site that received goods of a recall, or where some lie, by site."""
    assert book.began is not None  # only a recall that is known has tasks
    recall = book.began.put
    assert isinstance(recall, Recall)
    lots = {*recall.lots, *reader.descendants(recall.lots)}
    received: dict[str, list[Consignee]] = {}
    for one in consignees(reader, registry, lots, now_ms):
        received.setdefault(one.site, []).append(one)
    planned = _lying(reader, registry, lots, recall.at_ms)
    sites = sorted({*received, *planned, *_lying(reader, registry, lots, now_ms)} - {""})
    due_ms = due_of(recall)
    return [
        _task(registry, book, site, received.get(site, ()), total(planned.get(site, ())), recall, due_ms, now_ms)
        for site in sites
    ]


def _lying(reader: GoodsReader, registry: Registry, lots: Iterable[str], at_ms: int) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    for stays in reader.lying(lots, at_ms).values():
        for stay in stays:
            found.setdefault(site_of(registry, stay.place, at_ms), []).append(stay.quantity)
    return found


def _task(
    registry: Registry,
    book: RecallBook,
    site: str,
    received: Iterable[Consignee],
    planned: float | None,
    recall: Recall,
    due_ms: int,
    now_ms: int,
) -> Task:
    answers = {step: book.answers[site, step] for step in STEPS if (site, step) in book.answers}
    rows = tuple(received)
    known = registry.sites.get(site)
    operator = rows[0].operator if rows else known.operator if known else ""
    moments = [recall.at_ms + round(HALF * (due_ms - recall.at_ms)), due_ms]
    late = sum(now_ms >= moment for moment in moments)
    if _confirmed(answers, "stopped") is not None:
        return Task(site, operator, rows, planned, answers, due_ms, None, None)
    return Task(site, operator, rows, planned, answers, due_ms, late, next(iter(moments[late:]), None))


def _confirmed(answers: Mapping[str, RecallSaid], step: str) -> int | None:
    """Return when a site had confirmed a step by its own word, of it or of a later one."""
    moments = [_answer(answers[one]).at_ms for one in STEPS[STEPS.index(step) :] if one in answers]
    return min(moments, default=None)


def progress(reader: GoodsReader, book: RecallBook, found: Sequence[Task], now_ms: int) -> Progress:
    """Return how far a recall is."""
    assert book.began is not None
    recall = book.began.put
    assert isinstance(recall, Recall)
    units = {known.lot.unit for known in reader.lots_named(recall.lots).values()}
    one_unit = len(units) == 1
    planned = total(task.planned for task in found) if one_unit else None
    recovered = _answered(found, "recovered") if one_unit else None
    return Progress(
        sites=len(found),
        notified=sum(bool(task.answers) for task in found),
        stopped=sum(task.escalation is None for task in found),
        recovered=sum("recovered" in task.answers for task in found),
        overdue=sum(task.escalation is not None and now_ms >= task.due_ms for task in found),
        unit=units.pop() if one_unit else "",
        planned_quantity=planned,
        stopped_quantity=_answered(found, "stopped") if one_unit else None,
        recovered_quantity=recovered,
        share=recovered / planned if planned and recovered is not None else None,
        took_ms={step: _took(recall, found, step) for step in STEPS},
    )


def _took(recall: Recall, found: Iterable[Task], step: str) -> int | None:
    moments = [_confirmed(task.answers, step) for task in found]
    known = [moment for moment in moments if moment is not None]
    return None if len(known) < len(moments) else max(known, default=recall.at_ms) - recall.at_ms


def _answered(found: Iterable[Task], step: str) -> float | None:
    return total(_answer(task.answers[step]).quantity for task in found if step in task.answers)


def _answer(said: RecallSaid) -> RecallAnswer:
    assert isinstance(said.put, RecallAnswer)
    return said.put
