"""The shapes of what `/api/v1` says of recalls."""

from __future__ import annotations

from pydantic import BaseModel, Field

from dashboards.lot_models import LotReceived, LotShort


class RecallPlan(BaseModel):
    """召回计划: its eight items."""

    producer: str
    goods: str
    harm: str
    procedure: str
    notice: str
    duties: str
    disposal: str
    expected: str


class RecallProgress(BaseModel):
    """The numbers of the progress and the closing report."""

    sites: int = Field(description="that received goods, or where some lie")
    notified: int = Field(description="of which confirmed anything")
    stopped: int = Field(description="took the goods off sale")
    recovered: int = Field(description="gave goods back")
    overdue: int = Field(description="have not stopped, and the time is over")
    unit: str = Field(description="of the quantities; empty, and they are null, where the lots have several")
    planned_quantity: float | None = Field(description="what lay there when it was decided; null: not all was counted")
    stopped_quantity: float | None
    recovered_quantity: float | None
    share: float | None = Field(description="recovered ÷ planned")
    took_s: int | None = Field(description="from the decision until every site had stopped; null: not yet")
    notified_s: int | None = Field(description="until every site had confirmed anything")
    recovered_s: int | None = Field(description="until every site had given goods back")


class RecallStep(BaseModel):
    """What a site confirmed."""

    step: str = Field(description="notified, stopped or recovered")
    at: str
    quantity: float | None
    photo: str = Field(description="SHA-256 of the picture; empty: none")
    who: str
    why: str


class RecallTask(BaseModel):
    """What one site has to do: stop the sale, count, send a picture, give the goods back."""

    site: str
    site_name: str
    operator_name: str
    phone: str
    planned_quantity: float | None
    due: str = Field(description="until then the sale must be stopped")
    left_s: int | None = Field(description="negative: over; null: stopped")
    escalation: int | None = Field(description="0, 1, 2: who must look after it now; null: stopped")
    escalates_at: str | None = Field(description="when the next one up must; null: nobody is above, or stopped")
    escalate_zh: str
    escalate_en: str
    steps: list[RecallStep]
    lots: list[LotReceived]


class RecallForms(BaseModel):
    """The forms of a recall as text."""

    recall: str
    language: str
    stamp: str = Field(description="stands on every form: 演练 of a drill, simulated data of a demo; empty: neither")
    consumer_notice: str
    plan: RecallPlan
    plan_text: str
    progress_report: str
    closing_report: str = Field(description="its conclusion is open while the recall runs")


class RecallClosing(BaseModel):
    """What the closing report says beside the numbers."""

    ended: str
    who: str
    report: str


class RecallShort(BaseModel):
    id: str
    level: int = Field(description="1, 2, 3: to begin within 24, 48, 72 h")
    decided: str
    who: str
    why: str
    drill: bool
    stamp: str = Field(description="stands on every form: 演练 of a drill, simulated data of a demo; empty: neither")
    lots: list[str]
    ended: str | None
    due: str = Field(description="until then it must have begun everywhere")


class Recall(RecallShort):
    """A recall with its plan, a task for each site, its progress and its closing report."""

    plan: RecallPlan
    consumer_notice: str
    elapsed_s: int = Field(description="since it was decided, until now or its end")
    progress: RecallProgress
    tasks: list[RecallTask]
    closing: RecallClosing | None


class RecallPack(LotShort):
    """A lot that a site has to take off sale, with what its product is called."""

    zh: str
    en: str
    lying: float | None = Field(description="should lie there now; null: uncounted")


class StopSale(RecallShort):
    """What one site has to do in a recall."""

    task: RecallTask
    packs: list[RecallPack]
    demo: bool
