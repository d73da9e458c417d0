"""The shapes of `/api/v1/kpis`."""

from __future__ import annotations

from pydantic import BaseModel, Field


class KpiDefinition(BaseModel):
    key: str
    unit: str = Field(description="of numerator and denominator; as alarms/days where they differ")
    name_zh: str
    name_en: str
    zh: str = Field(description="the definition, one sentence")
    en: str


class Kpi(BaseModel):
    """A number with what it is made of."""

    key: str
    numerator: float
    denominator: float
    left_out: float = Field(description="what the denominator lacks: closed, out of service, not in use yet")
    rate: float | None = Field(description="numerator ÷ denominator; null: the denominator is 0")
    p50_s: float | None = Field(description="median wait; null: none, or the KPI is no wait")
    p90_s: float | None = Field(description="the wait that 90 % did not exceed; null as above")


class KpiGroup(BaseModel):
    group: str = Field(description="id of the site, region or carrier; empty: all, or nobody said which")
    name: str
    sites: int = Field(description="how many sites are in it, vehicles included")
    kpis: list[Kpi]


class AlarmSource(BaseModel):
    site: str
    site_name: str
    asset: str = Field(description="empty: the site as a whole")
    asset_name: str
    rule: str
    alarms: int
    share: float = Field(description="of all alarms of the answer, 0-1")


class Kpis(BaseModel):
    from_: str = Field(serialization_alias="from", description="first day, by each site's own clock")
    to: str = Field(description="last day, included")
    by: str
    as_of: str = Field(description="server's time; what comes later may change past days")
    definitions: list[KpiDefinition]
    items: list[KpiGroup]
    top_sources: list[AlarmSource]
    demo: bool
