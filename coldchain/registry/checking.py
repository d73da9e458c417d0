"""Rows of a file, checked against each other and against the registry: what they ask for, or every fault at once.

::

    Table(rows) ──▶ read each cell ──▶ merge with what is known ──▶ references, doubles, limits ──▶ Wanted
                        └──▶ Faults: file, sheet, line, heading, what was found, what was expected
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from coldchain.people import Duty, Shift, rosters
from coldchain.registry.cells import Both, Faults, Row, Table, Wrong
from coldchain.registry.changes import Asset, AssetKind, Binding, Fence, LimitRule, Point, Probe, Put, Region, Site
from coldchain.registry.fences import NO_SYSTEM, fault_of
from coldchain.registry.fold import Registry
from coldchain.registry.forms import Ident, Instant, Zone
from coldchain.registry.hints import Hints
from coldchain.registry.owners import Owners
from coldchain.registry.tables import ALLOWED_FIELDS, BY_NAME, EXAMPLE, LIMIT_FIELDS, TABLES, Field, Kind
from coldchain.registry.vocabulary import ASSET_KINDS, CLEAR, UNITS, code_of, id_of_plate, plain
from coldchain.registry.wanted import STRUCTS, Want, Wanted, key_of, known_of

_CLEARS = frozenset(CLEAR.values())
_NO_TIME = ("from_ms", "effective_from_ms")


def check(
    tables: Sequence[Table],
    registry: Registry,
    faults: Faults,
    *,
    keys: Mapping[str, str] | None = None,
    examples: bool = False,
) -> Wanted:
    """Return what rows ask for; faults are added to ``faults``.

    Args:
        registry: what is known already; rows may refer to it, and what they do not name is taken from it.
        keys: node id → public key for nodes whose row has none.
        examples: take the template's example rows, too.
    """
    kept, left_out = tables, 0
    if not examples:
        kept = [_without_examples(table) for table in tables]
        left_out = sum(len(t.rows) for t in tables) - sum(len(t.rows) for t in kept)
    checker = _Checker(registry, faults, keys or {})
    checker.collect(kept)
    for kind in STRUCTS:
        for table in kept:
            if table.kind == kind:
                for row in table.rows:
                    checker.take(table, row)
    return Wanted(tuple(checker.finish()), left_out)


def _without_examples(table: Table) -> Table:
    names = BY_NAME[table.kind].key
    rows = [row for row in table.rows if not any(str(row.cells.get(name, "")).startswith(EXAMPLE) for name in names)]
    return Table(table.kind, table.headings, rows, table.place, table.whole)


class _Checker:
    """Goes through the rows once for their ids, and once for everything else."""

    def __init__(self, registry: Registry, faults: Faults, keys: Mapping[str, str]) -> None:
        self._registry = registry
        self._faults = faults
        self._keys = keys
        self._ids: dict[str, set[str]] = {
            "operator": set(registry.operators),
            "region": set(registry.regions),
            "site": set(registry.sites),
            "asset": set(registry.assets),
            "point": set(registry.points),
            "person": set(registry.people),
        }
        self._owners = Owners(registry, faults)
        self._lines: dict[tuple[str, tuple[object, ...]], int] = {}
        self._wants: dict[str, list[Want]] = {kind: [] for kind in STRUCTS}
        self._undated: list[Want] = []
        self._kinds: dict[str, AssetKind] = dict(registry.kinds)
        self._sites: dict[str, Site] = dict(registry.sites)
        self._assets: dict[str, str] = {asset.id: asset.site for asset in registry.assets.values()}
        self._points: dict[str, str] = {point.id: point.asset for point in registry.points.values()}
        self._channels: dict[str, str] = {name: held[-1].point for name, held in registry.bindings.items() if held}
        self._probes = set(registry.probes)
        self._placed: dict[str, str] = {}
        self._regions: dict[str, str] = {region.id: region.parent for region in registry.regions.values()}
        self._in_file: set[str] = set()
        self._columns: set[tuple[str, str, str]] = set()
        self._plain_probes: dict[str, None] = {}
        self._hints = Hints()
        self._shifts: dict[tuple[object, ...], tuple[Shift, Table, Row]] = {}

    # -- what there is ------------------------------------------------------------------------------------------

    def collect(self, tables: Sequence[Table]) -> None:
        """Take the ids of all rows, faulty ones, too: what refers to them is no second fault."""
        for table in tables:
            kind = BY_NAME[table.kind]
            self._zeros(table, kind)
            for row in table.rows:
                name = self._own(kind, row)
                if table.kind in self._ids and name:
                    self._ids[table.kind].add(name)
                if table.kind == "site":
                    self._in_file.add(name)
                if table.kind == "vehicle" and name and not table.whole:
                    self._ids["site"].add(name)
                if table.kind in ("point", "probe", "binding") and isinstance(row.cells.get("channel"), str):
                    self._probes.add(str(row.cells["channel"]))
        for table in tables:
            if table.kind == "operator" or (table.kind == "site" and not table.whole):
                for row in table.rows:
                    self._ids["operator"] |= self._owners.collect(table, row)

    def _own(self, kind: Kind, row: Row) -> str:
        said = row.cells.get(kind.key[0])
        if said is None and kind.name == "vehicle":
            return id_of_plate(str(row.cells.get("plate", "")))
        try:
            return str(kind.field(kind.key[0]).form.read(said))
        except Wrong:
            return said if isinstance(said, str) else ""

    def _zeros(self, table: Table, kind: Kind) -> None:
        """Refuse a number among ids with leading zeros: Excel made 1 of 001."""
        for field in kind.fields:
            if table.whole or not isinstance(field.form, Ident):
                continue
            held = [(row, row.cells.get(field.name)) for row in table.rows]
            padded = next(
                (said for _, said in held if isinstance(said, str) and said[:1] == "0" and said.isdigit()), ""
            )
            for row, said in held if padded else ():
                if isinstance(said, int) and len(str(said)) < len(padded):
                    self._fault(table, row, field.name, (
                        f"内容为数字 {said},而其他行为文本(如 {padded}):Excel 去掉了前面的 0?请设为“文本”格式后重填",
                        (f"{said} is a number where other rows have texts such as {padded}: Excel dropped zeros? "
                         "Format the column as text and type it again"),
                    ))  # fmt: skip

    # -- one row ------------------------------------------------------------------------------------------------

    def take(self, table: Table, row: Row) -> None:
        """Check a row and keep what it asks for."""
        kind = BY_NAME[table.kind]
        cells = dict(row.cells)
        if table.kind == "vehicle" and "site" not in cells and not table.whole and cells.get("plate"):
            cells["site"] = id_of_plate(str(cells["plate"]))
        if table.kind == "point":
            self._unit(table, cells)
        values, good = self._read(table, kind, row, cells)
        for name in kind.key:  # a time that is not said is the beginning, a place that is not said is everywhere
            field = kind.field(name)
            if (name in _NO_TIME or field.refers) and not field.required and name not in cells:
                values[name] = 0 if name in _NO_TIME else ""
        if not all(name in values for name in kind.key):
            self._references(table, kind, row, values)
            self._complete(table, kind, row, values, None)
            return
        key = tuple(values[name] for name in kind.key)
        if (table.kind, key) in self._lines:
            line = self._lines[table.kind, key]
            self._fault(table, row, kind.key[0], (
                f"{key[0]} 在文件中出现两次(另见第 {line} 行)",
                f"{key[0]!r} stands twice in this file (line {line}, too)",
            ))  # fmt: skip
            return
        self._lines[table.kind, key] = row.place.line
        known = known_of(self._registry, table.kind, key)
        good &= self._references(table, kind, row, values)
        if table.kind == "asset":
            good &= self._kind(table, row, values)
        elif table.kind == "site":
            good &= self._owners.take(table, row, values, known)
        elif table.kind == "vehicle":
            good &= self._vehicle(table, row, values)
        elif table.kind == "operator":
            good &= self._owners.whole(table, row, values)
            return
        good &= self._complete(table, kind, row, values, known)
        if good:
            self._keep(table, row, values, known)

    def _unit(self, table: Table, cells: dict[str, object]) -> None:
        """A new point's unit follows from its quantity, where the row does not say it."""
        if table.whole or "unit" in cells or str(cells.get("id")) in self._registry.points:
            return
        field = BY_NAME["point"].field("quantity")
        try:
            cells["unit"] = UNITS.get(str(field.form.read(cells.get("quantity"))), CLEAR["en"])
        except Wrong:
            return

    def _read(self, table: Table, kind: Kind, row: Row, cells: Mapping[str, object]) -> tuple[dict[str, object], bool]:
        fields = {field.name: field for field in kind.fields if not (table.whole and "." in field.name)}
        values: dict[str, object] = {}
        good = True
        unknown = sorted(set(cells) - set(fields))
        if unknown:
            good = False
            self._fault(table, row, "", (f"未知:{', '.join(unknown)}", f"unknown: {', '.join(unknown)}"))
        zone = self._zone(kind, cells)
        own = self._known_by_cells(kind, cells)
        for name, field in fields.items():
            if name not in cells:
                continue
            said = cells[name]
            if not table.whole and isinstance(said, str) and said in _CLEARS and not field.required:
                values[name] = field.form.default
                continue
            before = getattr(own, name, None) if own is not None else None
            if before is not None and _same(field, said, before):
                values[name] = before
                continue
            try:
                values[name] = field.form.read(said, zone, strict=table.whole)
            except Wrong as wrong:
                good = False
                self._fault(table, row, name, wrong.said)
        return values, good

    def _known_by_cells(self, kind: Kind, cells: Mapping[str, object]) -> Put | None:
        own = cells.get(kind.key[0])
        return known_of(self._registry, kind.name, (own,)) if len(kind.key) == 1 and isinstance(own, str) else None

    def _complete(self, table: Table, kind: Kind, row: Row, values: Mapping[str, object], known: Put | None) -> bool:
        if known is not None and not table.whole:
            return True
        lacking = [
            field for field in kind.fields if field.required and field.name not in values
            and (field.name not in row.cells or row.cells[field.name] == "")
        ]  # fmt: skip
        if kind.name == "site" and table.whole and "operator" not in row.cells:
            lacking.append(kind.field("operator"))
        if kind.name == "vehicle" and table.whole and "site" not in row.cells:
            lacking.append(kind.field("site"))
        if not table.whole:  # a column that is not there is one fault, not one of each row
            for field in [field for field in lacking if field.name not in table.headings]:
                if (table.place.table, kind.name, field.name) not in self._columns:
                    self._columns.add((table.place.table, kind.name, field.name))
                    said = f"缺少必填列“{field.zh}”", f"the required column {field.en!r} is missing"
                    self._faults.add(table.place, "", said)
            if any(field.name not in table.headings for field in lacking):
                return False
        if lacking:
            zh, en = "、".join(field.zh for field in lacking), ", ".join(
                field.name if table.whole else field.en for field in lacking)  # fmt: skip
            self._fault(table, row, "", (f"缺少{zh}", f"lacks {en}"))
        return not lacking

    def _references(self, table: Table, kind: Kind, row: Row, values: Mapping[str, object]) -> bool:
        good = True
        for field in kind.fields:
            name = values.get(field.name)
            if not field.refers or not isinstance(name, str) or not name or name in self._ids[field.refers]:
                continue
            good = False
            self._missing(table, row, field, name)
        channel = values.get("channel")
        if kind.name in ("calibration", "comparison") and isinstance(channel, str) and channel not in self._probes:
            good = False
            self._fault(table, row, "channel", (
                f"探头 {channel} 既不在文件中也未登记", f"channel = {channel!r} is not in this file and not known"
            ))  # fmt: skip
        return good

    def _missing(self, table: Table, row: Row, field: Field, name: str) -> None:
        near = self._hints(name, self._ids[field.refers])
        zh = f"{name} 既不在文件的“{BY_NAME[field.refers].zh}”中,也未登记"
        en = f"{field.name} = {name!r} is not in this file" + (" and not known" if self._registry.version else "")
        en += f": add it to {field.refers} or correct the name"
        self._fault(table, row, field.name, (zh + near[0], en + near[1]))

    def _kind(self, table: Table, row: Row, values: dict[str, object]) -> bool:
        if "kind" not in values:
            return True
        said = str(values["kind"])
        own = self._registry.assets.get(str(values["id"]))
        if said in self._kinds or (own is not None and own.kind == said):
            return True
        named = (kind.id for kind in self._kinds.values() if plain(said) in (plain(kind.name_zh), plain(kind.name_en)))
        code = next(named, None) or code_of(ASSET_KINDS, said)
        if code is None:
            zh = "、".join(kind.name_zh for kind in self._kinds.values())
            self._fault(table, row, "kind", (
                f"类型 {said!r} 未知,应为{zh}之一,或在“资产类型”表中定义",
                f"kind = {said!r}: one of {', '.join(self._kinds)} was expected, or one that [[asset-kind]] defines",
            ))  # fmt: skip
            return False
        values["kind"] = code
        return True

    def _vehicle(self, table: Table, row: Row, values: dict[str, object]) -> bool:
        """Make or change the vehicle's site with what its row says of it."""
        site = str(values["site"])
        more = {name.removeprefix("site."): values.pop(name) for name in list(values) if name.startswith("site.")}
        if site not in self._ids["site"]:
            self._missing(table, row, BY_NAME["asset"].field("site"), site)
            return False
        if table.whole or site in self._in_file:
            return True
        known = self._registry.sites.get(site)
        if known is None:
            more.setdefault("name", values.get("plate", site))
            if "operator" not in more:
                only = self._owners.only(self._ids["operator"])
                if not only:
                    self._fault(table, row, "site.operator", ("缺少运营商编码", "lacks operator id"))
                    return False
                more["operator"] = only
            made = msgspec.convert({"id": site, "kind": "vehicle", **more}, Site)
        else:
            made = msgspec.structs.replace(known, **more)
        self._sites[site] = made
        self._wants["site"].append(Want(made))
        return True

    # -- what it becomes ----------------------------------------------------------------------------------------

    def _keep(self, table: Table, row: Row, values: dict[str, object], known: Put | None) -> None:
        extra = self._extra(table, values)
        base = {} if known is None or table.whole else msgspec.structs.asdict(known)
        if table.kind == "node" and "keys" not in {**base, **values}:
            values["keys"] = (self._keys[str(values["id"])],) if values["id"] in self._keys else ()
        put = STRUCTS[table.kind](**{**base, **values})
        if put != known and not self._sound(table, row, put):
            return
        self._note(put)
        if isinstance(put, Shift):
            self._shifts[key_of(put)] = put, table, row
        if table.kind == "point":
            assert isinstance(put, Point)
            self._wants["point"].append(Want(put))
            self._point(table, row, put, extra)
            return
        channel = values.get("channel")
        if table.kind == "binding" and channel not in self._registry.probes:
            self._probe(str(channel))
        self._wants[table.kind].append(Want(put))

    def _extra(self, table: Table, values: dict[str, object]) -> dict[str, object]:
        """Take out of a point's values what becomes other entries."""
        names = ("channel", "from_ms", *LIMIT_FIELDS) if table.kind == "point" else ()
        return {name: values.pop(name) for name in names if name in values}

    def _note(self, put: Put) -> None:
        match put:
            case Site():
                self._sites[put.id] = put
            case AssetKind():
                self._kinds[put.id] = put
            case Asset():
                self._assets[put.id] = put.site
            case Point():
                self._points[put.id] = put.asset

    def _sound(self, table: Table, row: Row, put: Put) -> bool:
        """Check what only the whole row can say."""
        fault: tuple[str, Both] | None = None
        match put:
            case Site():
                fault = _coordinates(put)
            case Fence():
                fault = fault_of(put, self._sites.get(put.site))
            case LimitRule():
                fault = _limits(put)
            case Region():
                fault = self._loop(put)
            case Duty() | Shift():
                fault = rosters.fault_of(put)
        from_ms, to_ms = getattr(put, "from_ms", None), getattr(put, "to_ms", None)
        if from_ms is not None and to_ms is not None and to_ms <= from_ms:
            fault = "to_ms", ("结束时间不晚于开始时间", "the end is not after the start")
        if fault:
            self._fault(table, row, *fault)
        return fault is None

    def _loop(self, put: Region) -> tuple[str, Both] | None:
        self._regions[put.id] = put.parent
        above, seen = put.parent, set()
        while above and above not in seen:
            if above == put.id:
                return "parent", ("区域不能属于自己", "a region lies in itself")
            seen.add(above)
            above = self._regions.get(above, "")
        return None

    def _point(self, table: Table, row: Row, point: Point, extra: Mapping[str, object]) -> None:
        channel = extra.get("channel")
        if isinstance(channel, str) and channel:
            if channel in self._placed:
                self._fault(table, row, "channel", (
                    f"探头 {channel} 在文件中还在测点 {self._placed[channel]}",
                    f"channel = {channel!r} is at another point of this file, too ({self._placed[channel]})",
                ))  # fmt: skip
                return
            self._placed[channel] = point.id
            self._channels[channel] = point.id
            self._probe(channel)
            from_ms = extra.get("from_ms")
            binding = Binding(channel, point.id, from_ms if isinstance(from_ms, int) else 0)
            self._undated.append(Want(binding, dated=bool(from_ms)))
        said = {name: extra[name] for name in LIMIT_FIELDS if name in extra}
        versions = [] if table.whole else self._registry.rules.get(point.id, [])
        if not said or not (table.whole or versions or "high_celsius" in said or "low_celsius" in said):
            return
        base = msgspec.structs.asdict(versions[-1]) if versions else {}
        rule = msgspec.convert({**base, **said, "point": point.id, "effective_from_ms": 0}, LimitRule)
        fault = _limits(rule)
        if fault:
            self._fault(table, row, *fault)
        else:
            self._undated.append(Want(rule, dated=False))

    def _probe(self, channel: str) -> None:
        if channel not in self._registry.probes:
            self._plain_probes[channel] = None

    def _twice_on_call(self) -> None:
        """Refuse shifts that overlap with others of the file, or with those that are known and stay."""
        known = {key_of(one): one for held in self._registry.shifts.values() for one in held}
        own = {key: put for key, (put, _, _) in self._shifts.items()}
        for pair in rosters.overlapping([*{**known, **own}.values()]):
            told = [self._shifts[key_of(one)] for one in pair if key_of(one) in self._shifts]
            if told:
                _, table, row = told[-1]
                other = next(one for one in pair if one is not told[-1][0])
                from_, to = (str(Instant().write(ms, "en")) for ms in (other.from_ms, other.to_ms))
                self._fault(table, row, "from_ms", (
                    f"与同一人同一角色的另一班重叠({from_} 至 {to})",
                    f"overlaps with another shift of this person in this role ({from_} to {to})",
                ))  # fmt: skip

    def finish(self) -> Iterator[Want]:
        """Yield what all rows ask for, in the order of writing."""
        self._twice_on_call()
        self._wants["operator"] = [Want(operator) for operator in self._owners.operators()]
        told = {getattr(want.put, "channel", "") for want in self._wants["probe"]}
        self._wants["probe"] += [Want(Probe(one), dated=False) for one in self._plain_probes if one not in told]
        for kind in TABLES:
            yield from self._wants[kind.name]
        yield from self._undated

    # -- where --------------------------------------------------------------------------------------------------

    def _zone(self, kind: Kind, cells: Mapping[str, object]) -> tzinfo:
        """Return the zone of the site that a row speaks of."""
        point = str(cells.get("point") or self._channels.get(str(cells.get("channel")), ""))
        asset = str(cells.get("asset") or self._points.get(point, ""))
        site = str(cells.get("site") or self._assets.get(asset, ""))
        known = self._sites.get(site)
        name = known.timezone if known else str(Zone().default)
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo(str(Zone().default))

    def _fault(self, table: Table, row: Row, name: str, said: Both) -> None:
        self._faults.add(row.place, table.headings.get(name, name), said)


def _same(field: Field, said: object, before: object) -> bool:
    return said == before or said in (field.form.write(before, "zh"), field.form.write(before, "en"))


def _coordinates(site: Site) -> tuple[str, Both] | None:
    if (site.latitude is None) != (site.longitude is None):
        name = "latitude" if site.latitude is None else "longitude"
        return name, ("经度、纬度只有一个", "only one of longitude and latitude is there")
    if site.latitude is not None and not site.coordinates:
        return "coordinates", NO_SYSTEM
    return None


def _limits(rule: LimitRule) -> tuple[str, Both] | None:
    high, low = rule.high_celsius, rule.low_celsius
    if high is not None and low is not None and low >= high:
        return "low_celsius", (
            f"下限 {low} 不低于上限 {high}",
            f"low_celsius = {low} is not below high_celsius = {high}",
        )
    for name in ALLOWED_FIELDS:
        limit = "high_celsius" if name.endswith("high_s") else "low_celsius"
        if getattr(rule, name) and getattr(rule, limit) is None:
            return name, (f"没有 {limit},无从计时", f"counts the time beyond {limit}, and there is none")
    return None
