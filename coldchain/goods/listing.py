"""A list of lots as a head office or an ERP writes it (CSV), as entries: checked whole, every fault with its place.

A row says a lot, where some of it was, or both; rows of the same lot may leave out what another one says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from coldchain.custody.goods import Goods, Lot, LotPlaced
from coldchain.goods.asking import Asking
from coldchain.goods.places import ASSET, CHINA, SITE, TRIP
from coldchain.gs1 import Gs1Fault, gtin14
from coldchain.profiles import builtin
from coldchain.registry import Registry
from coldchain.registry.cells import Both, Faults, Row, Wrong
from coldchain.registry.forms import Day, Form, Ident, Instant, Number, OwnIdent
from coldchain.registry.intervals import FOREVER_MS
from coldchain.registry.lists import Gathered, ListFile
from coldchain.registry.tables import Field, Kind
from coldchain.registry.vocabulary import plain


@dataclass(frozen=True, slots=True)
class Gtin(Form):
    """A GTIN with its check digit."""

    @property
    def expected(self) -> Both:
        return (
            "8、12、13 或 14 位商品条码,末位校验码须相符",
            "8, 12, 13 or 14 digits whose last one fits the others (mistyped?)",
        )

    def read(self, value: object, zone: tzinfo = CHINA, *, strict: bool = False) -> object:
        """See `Form.read`."""
        said = "".join(self._text(value, strict=strict).split())
        try:
            if said:
                gtin14(said)
        except Gs1Fault:
            raise self.wrong(value) from None
        return said


@dataclass(frozen=True, slots=True)
class Printed(Form):
    """A printed date: a day as it is, a moment in RFC 3339."""

    @property
    def expected(self) -> Both:
        return (
            "日期或时间,例如 2026-11-30 或 2026-11-30 18:00",
            "a day or a moment such as 2026-11-30 or 2026-11-30 18:00",
        )

    def read(self, value: object, zone: tzinfo = CHINA, *, strict: bool = False) -> object:
        """See `Form.read`."""
        try:
            return Day().read(value)
        except Wrong:
            pass
        try:
            moment = Instant().read(value, zone)
        except Wrong:
            raise self.wrong(value) from None
        return Instant().write(moment, "en")


LOTS = Kind(
    "lot",
    "批次",
    "lots",
    ("id",),
    (
        Field("id", "批次编号", "lot id", OwnIdent(), ("批次", "批次号", "lot"), required=True),
        Field("product", "产品", "product", Form(), ("产品类型", "品类", "product profile")),
        Field("gtin", "商品条码", "GTIN", Gtin(), ("条码", "GTIN码")),
        Field("number", "批号", "lot number", Form(), ("生产批号", "batch number")),
        Field("produced", "生产日期", "produced", Printed(), ("生产时间", "production date")),
        Field("expires", "保质期至", "expires", Printed(), ("到期日期", "有效期至", "expiry date")),
        Field("quantity", "生产数量", "quantity made", Number(low=0), ("总数量", "数量合计")),
        Field("unit", "单位", "unit", Form(), ("计量单位",)),
        Field("low_celsius", "标签最低温度", "label low", Number(low=-60, high=40), ("贮存下限",)),
        Field("high_celsius", "标签最高温度", "label high", Number(low=-60, high=40), ("贮存上限",)),
        Field("label", "贮存条件", "storage condition", Form(), ("标签贮存条件", "label")),
        Field("asset", "资产编号", "asset id", Ident(), ("设备编号", "asset")),
        Field("site", "网点编码", "site id", Ident(), ("门店编码", "仓库编码", "site")),
        Field("from_ms", "到达时间", "from", Instant(), ("入库时间", "起")),
        Field("to_ms", "离开时间", "to", Instant(), ("出库时间", "止")),
        Field("placed", "到货数量", "quantity placed", Number(low=0), ("入库数量", "数量")),
        Field("from_asset", "来自资产", "taken from asset", Ident(), ("来源资产",)),
        Field("from_site", "来自网点", "taken from site", Ident(), ("来源网点",)),
        Field("trip", "车次编号", "trip id", Ident(), ("车次", "运输单号", "trip")),
        Field("paper", "单据号", "paper", Form(), ("送货单号", "交接单号")),
    ),
    (
        "每行一个批次,或批次的一处存放;同一批次的其余行可只写编号和存放。",
        "A row a lot, or a place where some of it was; further rows of a lot may say its id and the place only.",
    ),
)  # fmt: skip

OF_LOT = (
    "product",
    "gtin",
    "number",
    "produced",
    "expires",
    "quantity",
    "unit",
    "low_celsius",
    "high_celsius",
    "label",
)
OF_PLACE = ("asset", "site", "from_ms", "to_ms", "placed", "from_asset", "from_site", "trip", "paper")
NEEDED = ("product", "quantity", "unit")
HOME = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True)
class LotList:
    """What a list asks for.

    Attributes:
        puts: entries that say something new, in the order in which they must be written.
        new, changed, same: lots that are not known, that the list says otherwise, and that it says as they are known.
        placed, known: placements that are new or said otherwise, and those that were said so before.
    """

    puts: list[Goods] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    same: int = 0
    placed: int = 0
    known: int = 0


def read_lots(file: Path, registry: Registry, asking: Asking, *, language: str = "en") -> LotList:
    """Read a list of lots.

    Raises:
        ConfigError: every fault at once, each with file, line and heading; nothing is half taken.
    """
    faults = Faults(language)
    found = _Listing(registry, asking, faults).read(ListFile(file, LOTS, faults))
    faults.finish()
    return found


class _Listing:
    def __init__(self, registry: Registry, asking: Asking, faults: Faults) -> None:
        self._registry, self._asking, self._faults = registry, asking, faults
        self._file: ListFile
        self._products = _products(registry)
        self._lots: dict[str, Gathered] = {}
        self._placed: dict[tuple[str, str, int], tuple[LotPlaced, Row]] = {}

    def read(self, file: ListFile) -> LotList:
        self._file = file
        for row in file.rows():
            self._row(row)
        return self._compared()

    # -- rows -------------------------------------------------------------------------------------------------

    def _row(self, row: Row) -> None:
        values = self._values(row)
        name = values.get("id")
        if not isinstance(name, str):
            if "id" not in row.cells:
                self._file.fault(row, "id", ("缺少批次编号", "lacks the lot's id"))
            return
        self._file.gather(row, name, self._lots.setdefault(name, Gathered(row)), values, OF_LOT)
        if any(field_name in values for field_name in OF_PLACE):
            self._placement(row, name, values)

    def _values(self, row: Row) -> dict[str, object]:
        values = self._file.values(row, self._zone(row))
        if isinstance(values.get("product"), str):
            known = self._products.get(plain(str(values["product"])))
            if known is None:
                self._file.fault(row, "product", (
                    f"没有产品 {values['product']!r}:coldchain profile list 列出全部",
                    f"there is no product {values['product']!r}: `coldchain profile list` lists all",
                ))  # fmt: skip
            values["product"] = known
        return values

    def _zone(self, row: Row) -> tzinfo:
        """Return by which clock a row's times are: that of its site; China's where it names none."""
        site = self._registry.sites.get(str(row.cells.get("site", "")))
        asset = self._registry.assets.get(str(row.cells.get("asset", "")))
        site = site or (self._registry.sites.get(asset.site) if asset else None)
        return ZoneInfo(site.timezone) if site else HOME

    def _placement(self, row: Row, name: str, values: Mapping[str, object]) -> None:
        place = self._place(row, values, "asset", "site")
        came_from = self._place(row, values, "from_asset", "from_site")
        from_ms, to_ms, quantity = values.get("from_ms"), values.get("to_ms"), values.get("placed")
        trip = str(values.get("trip", ""))
        if trip and not self._asking.voyages([trip]):
            self._file.fault(
                row, "trip", (f"没有登记车次 {trip}", f"there is no trip {trip}: register it, or correct the id")
            )
            return
        if not place and trip and not {"asset", "site"} & row.cells.keys():
            place = TRIP + trip
        if not place:
            if not {"asset", "site"} & row.cells.keys():
                self._file.fault(
                    row, "", ("缺少资产编号、网点编码或车次编号", "lacks the id of an asset, a site or a trip")
                )
            return
        if not isinstance(from_ms, int):
            if "from_ms" not in row.cells:
                self._file.fault(row, "from_ms", ("缺少到达时间", "lacks the time from which it was there"))
            return
        if isinstance(to_ms, int) and to_ms <= from_ms:
            self._file.fault(row, "to_ms", ("离开时间不晚于到达时间", "is not after the time from which it was there"))
            return
        put = LotPlaced(
            name, place, from_ms, "csv",
            to_ms if isinstance(to_ms, int) else None,
            quantity if isinstance(quantity, float) else None,
            came_from, trip=trip, paper=str(values.get("paper", "")),
        )  # fmt: skip
        known = self._placed.setdefault((name, place, from_ms), (put, row))
        if known[1] is not row:
            line = known[1].place.line
            self._file.fault(row, "", (f"与第 {line} 行是同一处存放", f"the same placement stands in line {line}, too"))

    def _place(self, row: Row, values: Mapping[str, object], asset: str, site: str) -> str:
        in_asset, at_site = str(values.get(asset, "")), str(values.get(site, ""))
        for name, said, known in ((asset, in_asset, self._registry.assets), (site, at_site, self._registry.sites)):
            if said and said not in known:
                self._file.fault(
                    row, name, (f"{said} 未登记", f"{said} is not known: register it, or correct the name")
                )
                return ""
        from_ms = values.get("from_ms")
        if in_asset and at_site and isinstance(from_ms, int):
            stood = self._registry.site_at(in_asset, from_ms)
            if stood != at_site:
                self._file.fault(row, asset, (
                    f"{in_asset} 当时在 {stood or '(无)'},不在 {at_site}",
                    f"{in_asset} stood at {stood or 'no site'} then, not at {at_site}",
                ))  # fmt: skip
        return ASSET + in_asset if in_asset else SITE + at_site if at_site else ""

    # -- against what is known --------------------------------------------------------------------------------

    def _compared(self) -> LotList:
        found = LotList()
        known = self._asking.lots(self._lots)
        printed: dict[tuple[str, str], Gathered] = {}
        for name, own in self._lots.items():
            lot = self._lot(name, own, known.get(name))
            if lot is None:
                continue
            if lot.gtin and lot.number:
                other = printed.setdefault((gtin14(lot.gtin), lot.number), own)
                if other is not own:
                    line = other.first.place.line
                    self._faults.add(own.first.place, "", (
                        f"第 {line} 行的批次有相同的商品条码和批号",
                        f"the lot of line {line} has the same GTIN and lot number",
                    ))  # fmt: skip
            if lot == known.get(name):
                found.same += 1
                continue
            refused = self._asking.refusal(lot, "")
            if refused is not None:
                self._faults.add(own.first.place, "", (refused.said("zh"), refused.said("en")))
            found.puts.append(lot)
            found.changed += name in known
            found.new += name not in known
        said = {name: self._said(name) for name, _, _ in self._placed}
        for key, (put, _) in self._placed.items():
            if _same(put, said[key[0]].get(key)):
                found.known += 1
            else:
                found.puts.append(put)
                found.placed += 1
        return found

    def _lot(self, name: str, own: Gathered, known: Lot | None) -> Lot | None:
        """Return what a list says of a lot; what it does not name is left as it is known."""
        base = {} if known is None else {key: getattr(known, key) for key in OF_LOT}
        said = {**base, **{key: value for key, value in own.values.items() if value is not None}}
        lacking = [LOTS.field(key) for key in NEEDED if said.get(key) in (None, "")]
        if lacking:
            zh, en = "、".join(one.zh for one in lacking), ", ".join(one.en for one in lacking)
            self._faults.add(own.first.place, "", (f"新批次 {name} 缺少{zh}", f"new lot {name} lacks {en}"))
            return None
        return Lot(name, **said)

    def _said(self, name: str) -> dict[tuple[str, str, int], LotPlaced]:
        """Return the last word on each placement of a lot."""
        puts = (one.put for one in self._asking.said(name))
        return {(name, put.place, put.from_ms): put for put in puts if isinstance(put, LotPlaced)}


def _same(put: LotPlaced, known: LotPlaced | None) -> bool:
    """Say whether a placement was said so before; where it came from may have been found out then."""
    if known is None or put.taken_from:
        return put == known
    return put == msgspec.structs.replace(known, taken_from="")


def _products(registry: Registry) -> dict[str, str]:
    """Return word → id of each product profile in force: its id, its Chinese and its English name."""
    found: dict[str, str] = {}
    for name in {*builtin().products, *registry.products}:
        product = registry.product_at(name, FOREVER_MS)
        if product is not None:
            found |= {plain(word): name for word in (name, product.zh, product.en)}
    return found
