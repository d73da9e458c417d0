"""How `/api/v1` shows corrective action, leads and risk reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from alerts.corrective.reader import Found, is_overdue
from coldchain.clock import rfc3339
from coldchain.corrective import LEAD, RISK
from coldchain.corrective.grading import LONGEST_MS
from dashboards import correction_models as models


def short(row: Mapping[str, Any], now_ms: int) -> models.CorrectionShort:
    """Return a row of ``correction``."""
    return models.CorrectionShort(**_fields(row, now_ms))


def whole(found: Found, now_ms: int, *, demo: bool) -> models.Correction:
    """Return a corrective action with its history; of an alarm that needs none what it would be."""
    row = found.row
    assert row is not None
    said = found.book.correction
    return models.Correction(
        **_fields(row, now_ms),
        needed=found.needed,
        correction=None if said is None else msgspec.to_builtins(said),
        lacking=list(found.book.lacking()),
        due_latest=rfc3339(row["begun_ms"] + LONGEST_MS[found.book.grade]),
        history=history(found),
        demo=demo,
    )


def history(found: Found) -> list[models.CorrectionSaid]:
    """Return everything that was said, in the ledger's order."""
    shown = []
    for one in found.said:
        refused = found.book.refused.get(one.position)
        shown.append(
            models.CorrectionSaid(
                position=one.position,
                received_at=rfc3339(one.received_ms),
                who=one.who,
                why=one.why,
                entry=msgspec.to_builtins(one.put),
                refused="" if refused is None else refused.reason,
                refused_zh="" if refused is None else refused.said("zh"),
                refused_en="" if refused is None else refused.said("en"),
            )
        )
    return shown


def matter(found: Found, now_ms: int, *, demo: bool) -> models.Matter:
    """Return a lead or a risk report."""
    row = found.matter_row
    assert found.matter is not None
    assert row is not None
    return models.Matter(
        id=found.about.removeprefix(LEAD).removeprefix(RISK),
        kind=row["kind"],
        source=row["source"],
        site=row["site"],
        state=row["state"],
        at=rfc3339(row["at_ms"]),
        due=_time(row["due_ms"]),
        content=msgspec.to_builtins(found.matter),
        who=found.said[0].who,
        correction=None if found.row is None else short(found.row, now_ms),
        history=history(found),
        demo=demo,
    )


def _fields(row: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    same = ("about", "site", "asset", "rule", "grade", "state", "core_celsius", "cause", "responsible")
    times = {name: _time(row[f"{name}_ms"]) for name in ("begun", "due", "done", "closed", "check_until")}
    return {name: row[name] for name in same} | times | {"overdue": is_overdue(row, now_ms)}


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339(at_ms)
