"""The forms of a recall: consumer notice, plan, progress report, closing report, table of sites; from what is known.

What somebody wrote stands as it was written; what nobody wrote is drawn up from lots, sites and answers, and says so.
What the data do not know is marked as open, so that nobody sends a form with a hole in it unseen.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from coldchain.custody.recalls import START_H, STEPS, Recall, RecallAnswer, RecallEnd, RecallPlan
from coldchain.goods.places import CHINA, EPOCH
from coldchain.goods.reader import KnownLot
from coldchain.goods.recallbook import RecallBook
from coldchain.goods.recalls import DRILL, ESCALATIONS, Progress, Task, due_of
from coldchain.goods.recallwords import COLUMNS, ITEMS, SIMULATED, WORDS, Language
from coldchain.profiles import Product
from coldchain.registry import Registry

MOST_NAMED = 30
"""Lots or sites that a text names; how many there are is always said."""


@dataclass(frozen=True, slots=True)
class Forms:
    """What the forms are drawn up from.

    Attributes:
        lots: that are called back, by id.
        products: product → its profile; None: not known.
        now_ms: when they are drawn up; of a closed recall its end.
        simulated: of a demo.
    """

    registry: Registry
    book: RecallBook
    lots: Sequence[KnownLot]
    products: Mapping[str, Product | None]
    tasks: Sequence[Task]
    progress: Progress
    now_ms: int
    simulated: bool
    language: Language

    @property
    def recall(self) -> Recall:
        """The recall as it was last said."""
        assert self.book.began is not None  # only a recall that is known has forms
        assert isinstance(self.book.began.put, Recall)
        return self.book.began.put

    @property
    def word(self) -> int:
        """Which of (中文, English) is wanted."""
        return 0 if self.language == "zh" else 1

    def say(self, sentence: str, **facts: object) -> str:
        """Return a sentence."""
        return WORDS[self.language][sentence].format(**facts)

    # -- the forms --------------------------------------------------------------------------------------------

    @property
    def stamp(self) -> str:
        """What stands on every form; empty: nothing."""
        return ", ".join([DRILL] * self.recall.drill + [SIMULATED] * self.simulated)

    def consumer_notice(self) -> str:
        """Return the text for the public."""
        if self.recall.consumer_notice:
            return self._stamped([self.recall.consumer_notice])
        shops = [task.site for task in self.tasks if self._kind(task.site) == "shop"]
        return self._stamped([
            self.say("notice"),
            self.say("drawn"),
            self.say("notice-begins", at=time_of(self.recall.at_ms)),
            *self._products(),
            self.say("reason", harm=self._harm()),
            self.say("sold-at", number=len(shops), names=self._named(shops)),
            self.say("advice"),
            self.say("returns", open=self.say("open")),
        ])  # fmt: skip

    def plan(self) -> RecallPlan:
        """Return the plan, item by item."""
        drawn = self._drawn()
        said = msgspec.structs.asdict(self.recall.plan)
        return RecallPlan(**{name: text or drawn[name] for name, text in said.items()})

    def plan_text(self) -> str:
        """Return the plan with the headings of its items."""
        written = msgspec.structs.asdict(self.plan())
        items = [
            f"{number}. {heading[self.word]}\n   {written[name]}"
            for number, (name, heading) in enumerate(ITEMS.items(), 1)
        ]
        return self._stamped([self.say("plan"), *items])

    def progress_report(self) -> str:
        """Return how far it is: the numbers, the clocks, and a line for each site."""
        return self._stamped([self.say("progress"), *self._numbers(), *self._sites()])

    def closing_report(self) -> str:
        """Return the closing report; while the recall runs its conclusion is open."""
        title, conclusion = self.say("closing"), self.say("open")
        ended = self.book.ended
        if ended is not None and isinstance(ended.put, RecallEnd):
            title, conclusion = self.say("closed", at=time_of(ended.put.at_ms), who=ended.who), ended.put.report
        return self._stamped([
            title,
            *self._numbers(),
            *self._products(),
            self.say("reason", harm=self._harm()),
            self.say("conclusion", text=conclusion),
            *self._sites(),
        ])  # fmt: skip

    def table(self) -> str:
        """Return a row a site as CSV (RFC 4180), the stamp in each row."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([heading[self.word] for heading in COLUMNS])
        writer.writerows(self._row(task) for task in self.tasks)
        return out.getvalue()

    # -- parts ------------------------------------------------------------------------------------------------

    def _stamped(self, lines: Sequence[str]) -> str:
        mark = [f"【{self.stamp}】"] if self.stamp else []
        return "\n".join([*mark, *lines, *mark])

    def _drawn(self) -> dict[str, str]:
        recall, number = self.recall, len(self.tasks)
        names = self._named([task.site for task in self.tasks])
        due, hours = time_of(due_of(recall)), START_H[recall.level]
        drawn = {
            "goods": self.say(
                "plan-goods", products=self.say("semicolon").join(self._products()), sites=number, names=names
            ),
            "harm": self._harm(),
            "procedure": self.say(
                "plan-procedure", level=self._level(), at=time_of(recall.at_ms), hours=hours, due=due
            ),
            "notice": self.say("plan-notice", open=self.say("open")),
            "duties": self.say("plan-duties", sites=number, names=names),
            "expected": self.say("plan-expected", planned=self._much(self.progress.planned_quantity)),
        }
        return {name: f"{drawn[name]} {self.say('drawn')}" if name in drawn else self.say("open") for name in ITEMS}

    def _products(self) -> Iterator[str]:
        for known in self.lots[:MOST_NAMED]:
            one, product = known.lot, self.products.get(known.lot.product)
            name = (product.zh, product.en)[self.word] if product else one.product
            printed = {"number": one.number, "gtin": one.gtin, "produced": one.produced, "expires": one.expires}
            made = {"made": f"{one.quantity:g} {one.unit}", "lot": one.id}
            parts = [self.say(what, value=value) for what, value in (printed | made).items() if value]
            yield self.say("comma").join([self.say("product", name=name), *parts])
        if len(self.lots) > MOST_NAMED:
            yield self.say("more-lots", more=len(self.lots) - MOST_NAMED)

    def _numbers(self) -> Iterator[str]:
        found, recall = self.progress, self.recall
        who = self.book.began.who if self.book.began else ""
        yield self.say("decided", id=recall.id, level=self._level(), at=time_of(recall.at_ms), who=who)
        yield self.say("as-of", at=time_of(self.now_ms), lasted=self._lasted(self.now_ms - recall.at_ms))
        yield self.say("deadline", due=time_of(due_of(recall)), overdue=found.overdue)
        for step, number in zip(STEPS, (found.notified, found.stopped, found.recovered), strict=True):
            took_ms = found.took_ms[step]
            facts = {"step": self.say(step), "number": number, "sites": found.sites}
            yield (
                self.say("step", **facts)
                if took_ms is None
                else self.say("step-took", **facts, took=self._lasted(took_ms))
            )
        yield self.say(
            "quantities",
            planned=self._much(found.planned_quantity),
            stopped=self._much(found.stopped_quantity),
            recovered=self._much(found.recovered_quantity),
            share=self.say("uncounted") if found.share is None else f"{found.share:.1%}",
        )

    def _sites(self) -> Iterator[str]:
        for task in self.tasks:
            site = self.registry.sites.get(task.site)
            done = [
                f"{self.say(step)} {time_of(said.at_ms)} {_count(said.quantity)}".rstrip()
                for step in STEPS
                if (said := _answer(task, step)) is not None
            ]
            if task.escalation is not None:
                late_ms = self.now_ms - task.due_ms
                clock, who = ("left" if late_ms < 0 else "overdue"), ESCALATIONS[task.escalation][self.word]
                done.append(self.say(clock, time=self._lasted(abs(late_ms)), who=who))
            name = " ".join(part for part in (site.name, task.site, site.phone) if part) if site else task.site
            yield f"- {name}: {self._much(task.planned)}{self.say('semicolon')}{self.say('semicolon').join(done)}"

    def _row(self, task: Task) -> list[str]:
        site, operator = self.registry.sites.get(task.site), self.registry.operators.get(task.operator)
        notified, stopped, recovered = (_answer(task, step) for step in STEPS)
        return [
            task.site,
            site.name if site else "",
            operator.name if operator else task.operator,
            site.phone if site else "",
            " ".join(one.lot for one in task.received),
            _count(task.planned),
            self.progress.unit,
            time_of(notified.at_ms) if notified else "",
            time_of(stopped.at_ms) if stopped else "",
            _count(stopped.quantity) if stopped else "",
            stopped.photo if stopped else "",
            time_of(recovered.at_ms) if recovered else "",
            _count(recovered.quantity) if recovered else "",
            time_of(task.due_ms),
            "" if task.escalation is None else ESCALATIONS[task.escalation][self.word],
            self.stamp,
        ]

    def _level(self) -> str:
        return self.say(f"level-{self.recall.level}")

    def _harm(self) -> str:
        return self.recall.plan.harm or (self.book.began.why if self.book.began else "") or self.say("open")

    def _named(self, sites: Sequence[str]) -> str:
        known = self.registry.sites
        names = self.say("and").join(known[site].name if site in known else site for site in sites[:MOST_NAMED])
        more = len(sites) - MOST_NAMED
        return names if more <= 0 else self.say("more", names=names, more=more)

    def _kind(self, site: str) -> str:
        known = self.registry.sites.get(site)
        return known.kind if known else ""

    def _lasted(self, ms: int) -> str:
        hours, minutes = divmod(ms // 60_000, 60)
        return self.say("hours", hours=hours, minutes=minutes)

    def _much(self, quantity: float | None) -> str:
        return self.say("uncounted") if quantity is None else f"{quantity:g} {self.progress.unit}".rstrip()


def time_of(at_ms: int) -> str:
    """Return a moment as forms write it: RFC 3339 by China's clock, to the minute.

    >>> time_of(1_700_000_000_000)
    '2023-11-15T06:13+08:00'
    """
    return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(CHINA).isoformat(timespec="minutes")


def _answer(task: Task, step: str) -> RecallAnswer | None:
    said = task.answers.get(step)
    return said.put if said is not None and isinstance(said.put, RecallAnswer) else None


def _count(quantity: float | None) -> str:
    return "" if quantity is None else f"{quantity:g}"
