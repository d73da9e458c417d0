"""`/api/v1/recalls`: who must act, who did, how much came back, which clocks run; a drill fills the same forms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse

from coldchain.clock import rfc3339
from coldchain.custody.recalls import STEPS, Recall, RecallAnswer, RecallEnd
from coldchain.goods.recallbook import RecallBook
from coldchain.goods.recallforms import Forms
from coldchain.goods.recalls import DRILL, ESCALATIONS, Progress, Task, due_of, progress, tasks
from coldchain.goods.recallwords import SIMULATED, Language
from coldchain.registry import Registry
from dashboards import recall_models as models
from dashboards.lots import received
from dashboards.models import Page
from dashboards.problems import Problem
from dashboards.sources import Sources

Form = Literal["notice", "plan", "progress", "closing"]


class Csv(Response):
    """A table as a spreadsheet reads it."""

    media_type = "text/csv"


def router(sources: Sources) -> APIRouter:
    """Return the addresses over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/recalls")
    def recalls() -> Page[models.RecallShort]:
        """Every recall and drill, by id."""
        books = (sources.goods.recall(name) for name in sources.goods.recalls())
        return Page(items=[_short(sources, book) for book in books if book.began is not None])

    @api.get("/recalls/{recall}")
    def recall(recall: str) -> models.Recall:
        """One recall: plan, tasks of the sites, progress, clocks, closing report."""
        return _whole(sources, book_of(sources, recall))

    @api.get("/recalls/{recall}/forms")
    def forms(recall: str, language: Annotated[Language, Query(description="zh or en")] = "zh") -> models.RecallForms:
        """Its forms as text: as somebody wrote them, else drawn up from lots, sites and answers, and marked so."""
        return _forms(forms_of(sources, recall, language))

    @api.get("/recalls/{recall}/forms/{form}.txt", response_class=PlainTextResponse)
    def form(
        recall: str, form: Form, language: Annotated[Language, Query(description="zh or en")] = "zh"
    ) -> PlainTextResponse:
        """One of its forms as a text file."""
        found = forms_of(sources, recall, language)
        text = {
            "notice": found.consumer_notice,
            "plan": found.plan_text,
            "progress": found.progress_report,
            "closing": found.closing_report,
        }[form]()
        name = f'attachment; filename="{recall}-{form}.txt"'
        return PlainTextResponse(f"{text}\n", headers={"Content-Disposition": name})

    @api.get("/recalls/{recall}/sites.csv", response_class=Csv)
    def sites(recall: str, language: Annotated[Language, Query(description="zh or en")] = "zh") -> Response:
        """A row a site: telephone, quantities, what it confirmed and when, which clock runs."""
        table = forms_of(sources, recall, language).table()
        return csv_file(table, f"{recall}-sites")

    return api


def csv_file(table: str, name: str) -> Csv:
    """Return a table as a file, with the mark that Excel wants."""
    return Csv(table.encode("utf-8-sig"), headers={"Content-Disposition": f'attachment; filename="{name}.csv"'})


def book_of(sources: Sources, name: str) -> RecallBook:
    """Return what is said of a recall.

    Raises:
        Problem: 404: it is not known.
    """
    book = sources.goods.recall(name)
    if book.began is None:
        raise Problem(404, "no such recall", f"there is no recall {name!r:.80}; GET /api/v1/recalls lists all")
    return book


def forms_of(sources: Sources, name: str, language: Language) -> Forms:
    """Return what the forms of a recall are drawn up from: of a closed one as it stood at its end."""
    book, registry = book_of(sources, name), sources.registry()
    assert book.began is not None
    put, until_ms = book.began.put, _until_ms(sources, book)
    assert isinstance(put, Recall)
    found = tasks(sources.goods, registry, book, until_ms)
    known = sources.goods.lots_named(put.lots)
    lots = [known[lot] for lot in sorted(known)]
    products = {one.lot.product: registry.product_at(one.lot.product, put.at_ms) for one in lots}
    numbers = progress(sources.goods, book, found, until_ms)
    return Forms(registry, book, lots, products, found, numbers, until_ms, sources.demo, language)


def _until_ms(sources: Sources, book: RecallBook) -> int:
    end = book.ended.put if book.ended else None
    return end.at_ms if isinstance(end, RecallEnd) else sources.clock.now_ms()


def _forms(forms: Forms) -> models.RecallForms:
    return models.RecallForms(
        recall=forms.recall.id,
        language=forms.language,
        stamp=forms.stamp,
        consumer_notice=forms.consumer_notice(),
        plan=models.RecallPlan(**msgspec.structs.asdict(forms.plan())),
        plan_text=forms.plan_text(),
        progress_report=forms.progress_report(),
        closing_report=forms.closing_report(),
    )


def _short(sources: Sources, book: RecallBook) -> models.RecallShort:
    return models.RecallShort(**fields_of(sources, book))


def fields_of(sources: Sources, book: RecallBook) -> dict[str, Any]:
    """Return the fields of `models.RecallShort`."""
    assert book.began is not None  # asked by both callers
    put = book.began.put
    assert isinstance(put, Recall)
    stamps = ([DRILL] if put.drill else []) + ([SIMULATED] if sources.demo else [])
    return {
        "id": put.id,
        "level": put.level,
        "decided": rfc3339(put.at_ms),
        "who": book.began.who,
        "why": book.began.why,
        "drill": put.drill,
        "stamp": ", ".join(stamps),
        "lots": list(put.lots),
        "due": rfc3339(due_of(put)),
        "ended": rfc3339(book.ended.put.at_ms) if book.ended and isinstance(book.ended.put, RecallEnd) else None,
    }


def _whole(sources: Sources, book: RecallBook) -> models.Recall:
    registry = sources.registry()
    assert book.began is not None
    put, until_ms = book.began.put, _until_ms(sources, book)
    assert isinstance(put, Recall)
    found = tasks(sources.goods, registry, book, until_ms)
    return models.Recall(
        **fields_of(sources, book),
        plan=models.RecallPlan(**msgspec.structs.asdict(put.plan)),
        consumer_notice=put.consumer_notice,
        elapsed_s=(until_ms - put.at_ms) // 1000,
        progress=_progress(progress(sources.goods, book, found, until_ms)),
        tasks=[_task(registry, task, until_ms) for task in found],
        closing=_closing(book),
    )


def task_of(sources: Sources, book: RecallBook, site: str) -> models.RecallTask | None:
    """Return the task of one site, None when it has none."""
    registry, until_ms = sources.registry(), _until_ms(sources, book)
    found = tasks(sources.goods, registry, book, until_ms)
    return next((_task(registry, task, until_ms) for task in found if task.site == site), None)


def _progress(found: Progress) -> models.RecallProgress:
    return models.RecallProgress(
        sites=found.sites,
        notified=found.notified,
        stopped=found.stopped,
        recovered=found.recovered,
        overdue=found.overdue,
        unit=found.unit,
        planned_quantity=found.planned_quantity,
        stopped_quantity=found.stopped_quantity,
        recovered_quantity=found.recovered_quantity,
        share=found.share,
        took_s=_seconds(found.took_ms["stopped"]),
        notified_s=_seconds(found.took_ms["notified"]),
        recovered_s=_seconds(found.took_ms["recovered"]),
    )


def _seconds(took_ms: int | None) -> int | None:
    return None if took_ms is None else took_ms // 1000


def _task(registry: Registry, task: Task, now_ms: int) -> models.RecallTask:
    site, operator = registry.sites.get(task.site), registry.operators.get(task.operator)
    words = ("", "") if task.escalation is None else ESCALATIONS[task.escalation]
    return models.RecallTask(
        site=task.site,
        site_name=site.name if site else task.site,
        operator_name=operator.name if operator else task.operator,
        phone=site.phone if site else "",
        planned_quantity=task.planned,
        due=rfc3339(task.due_ms),
        left_s=None if task.escalation is None else (task.due_ms - now_ms) // 1000,
        escalation=task.escalation,
        escalates_at=None if task.next_ms is None else rfc3339(task.next_ms),
        escalate_zh=words[0],
        escalate_en=words[1],
        steps=[_step(task, step) for step in STEPS if step in task.answers],
        lots=[received(registry, one) for one in task.received],
    )


def _step(task: Task, step: str) -> models.RecallStep:
    said = task.answers[step]
    assert isinstance(said.put, RecallAnswer)
    put = said.put
    return models.RecallStep(
        step=step, at=rfc3339(put.at_ms), quantity=put.quantity, photo=put.photo, who=said.who, why=said.why
    )


def _closing(book: RecallBook) -> models.RecallClosing | None:
    if book.ended is None or not isinstance(book.ended.put, RecallEnd):
        return None
    put = book.ended.put
    return models.RecallClosing(ended=rfc3339(put.at_ms), who=book.ended.who, report=put.report)
