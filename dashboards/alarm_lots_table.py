"""The goods of an alarm as a table for a spreadsheet: a row a lot, with where it is and who received it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from coldchain.goods.recallwords import SIMULATED, Language
from coldchain.goods.where import PRESUMED
from coldchain.profiles import Product
from dashboards import lot_models as models

COLUMNS = (
    ("批次", "lot"),
    ("批号", "number"),
    ("商品条码", "GTIN"),
    ("产品", "product"),
    ("生产日期", "produced"),
    ("保质期至", "expires"),
    ("当时所在", "place then"),
    ("起", "from"),
    ("止", "to"),
    ("当时数量", "quantity then"),
    ("单位", "unit"),
    ("涉及程度", "how certain"),
    ("状态", "state"),
    ("召回", "recalls"),
    ("现在何处", "where now"),
    ("收货方", "received by"),
    ("备注", "stamp"),
)

CERTAIN = ("在其中", "was there")
STATES = {
    "free": ("", ""),
    "held": ("暂停销售", "on hold"),
    "partly-held": ("部分暂停销售", "partly on hold"),
    "released": ("已放行", "released"),
    "downgraded": ("降级", "downgraded"),
    "written-off": ("报损", "written off"),
    "destroyed": ("销毁", "destroyed"),
}


def table_of(
    lots: Sequence[models.AlarmLot],
    received: Sequence[models.LotsReceived],
    products: Mapping[str, Product | None],
    language: Language,
    *,
    simulated: bool,
) -> str:
    """Return the table as CSV (RFC 4180); what became of a lot since the alarm stands with the sites only."""
    word = 0 if language == "zh" else 1
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([heading[word] for heading in COLUMNS])
    for one in lots:
        product = products.get(one.product)
        consignees = [(site, row) for site in received for row in site.lots if row.lot == one.id]
        writer.writerow([
            one.id,
            one.number,
            one.gtin,
            (product.zh, product.en)[word] if product else one.product,
            one.produced,
            one.expires,
            one.place,
            one.from_,
            one.to,
            _count(one.there),
            one.unit,
            PRESUMED[word] if one.presumed else CERTAIN[word],
            STATES[one.state][word],
            " ".join(one.recalls),
            "; ".join(f"{lying.place} {_count(lying.quantity)}".rstrip() for lying in one.lying_at),
            "; ".join(
                " ".join(part for part in (site.site_name, site.phone, _count(row.quantity)) if part)
                for site, row in consignees
            ),
            SIMULATED if simulated else "",
        ])  # fmt: skip
    return out.getvalue()


def _count(quantity: float | None) -> str:
    return "" if quantity is None else f"{quantity:g}"
