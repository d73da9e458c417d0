"""Who answers for a site, from the site's own row: a shop list has no list of operators beside it.

A row may name its operator by id (运营商编码), by 统一社会信用代码, or not at all where there is only one. What it
says of the operator (name, licence) goes to the operator; two rows that say different things of one are a fault.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from coldchain.registry.cells import Both, Faults, Row, Table, Wrong
from coldchain.registry.changes import Operator, Put, Site
from coldchain.registry.fold import Registry
from coldchain.registry.forms import CreditCode, Ident
from coldchain.registry.tables import BY_NAME

_BELONGS = "operator."


class Owners:
    """The operators of a file, from their own table and from the sites' rows."""

    def __init__(self, registry: Registry, faults: Faults) -> None:
        self._registry = registry
        self._faults = faults
        self._by_code = {each.credit_code: each.id for each in registry.operators.values() if each.credit_code}
        self._said: dict[str, dict[str, object]] = {}
        self._whole: set[str] = set()
        self._lines: dict[tuple[str, str], int] = {}

    def collect(self, table: Table, row: Row) -> set[str]:
        """Return the operator's id that a row brings, before anything is checked."""
        prefix = "" if table.kind == "operator" else _BELONGS
        own = _read(Ident(), row.cells.get("id" if not prefix else "operator"))
        code = _read(CreditCode(), row.cells.get(f"{prefix}credit_code"))
        if own and code:
            self._by_code.setdefault(code, own)
        if own:
            named = not prefix or row.cells.get(f"{prefix}name") is not None
            return {own} if named else set()
        return {self._by_code.setdefault(code, code)} if code and prefix else set()

    def only(self, ids: set[str]) -> str:
        """Return the one operator that there is; empty when there are none or several."""
        return next(iter(ids)) if len(ids) == 1 else ""

    def whole(self, table: Table, row: Row, values: dict[str, object]) -> bool:
        """Take a row of the operators' own table."""
        name = str(values["id"])
        if table.whole:
            self._whole.add(name)
        if "name" not in values and (table.whole or name not in self._registry.operators):
            if "name" not in row.cells:
                self._fault(table, row, "", ("缺少运营商名称", "lacks name"))
            return False
        return self._merge(table, row, name, {key: value for key, value in values.items() if key != "id"}, "")

    def take(self, table: Table, row: Row, values: dict[str, object], known: Put | None) -> bool:
        """Take what a site's row says of its operator, and leave the operator's id in the row."""
        said = {name.removeprefix(_BELONGS): values.pop(name) for name in list(values) if name.startswith(_BELONGS)}
        if table.whole:
            return True
        code = str(said.get("credit_code", ""))
        if "operator" not in values:
            values["operator"] = self._found(known, code)
        name = str(values["operator"])
        if not name:
            failed = f"{_BELONGS}credit_code" in row.cells and not code  # a mistyped code is a fault already
            if "operator" not in row.cells and not failed:
                self._fault(table, row, "", (
                    "缺少运营商:请填写运营商编码或统一社会信用代码",
                    "lacks its operator: give the operator id or the credit code",
                ))  # fmt: skip
            return False
        before = self._registry.operators.get(name)
        if code and before and before.credit_code not in ("", code):
            self._fault(table, row, f"{_BELONGS}credit_code", (
                f"{code} 不是运营商 {name} 的信用代码({before.credit_code}):转让请用“转让”表写明日期",
                (f"{code} is not the credit code of its operator {name} ({before.credit_code}): a transfer belongs "
                 "into the table tenure, with its date"),
            ))  # fmt: skip
            return False
        return self._merge(table, row, name, said, _BELONGS)

    def operators(self) -> Iterator[Operator]:
        """Yield what the file asks for."""
        for name, said in self._said.items():
            known = self._registry.operators.get(name)
            base = {} if known is None or name in self._whole else msgspec.structs.asdict(known)
            yield msgspec.convert({"name": name, **base, **said, "id": name}, Operator)

    def _found(self, known: Put | None, code: str) -> str:
        if isinstance(known, Site):
            return known.operator
        if code:
            return self._by_code.get(code, code)
        return self.only({*self._registry.operators, *self._said, *self._by_code.values()})

    def _merge(self, table: Table, row: Row, name: str, said: dict[str, object], prefix: str) -> bool:
        kept, good = self._said.setdefault(name, {}) if said or not prefix else {}, True
        for key, value in said.items():
            line = self._lines.setdefault((name, key), row.place.line)
            if kept.setdefault(key, value) == value:
                continue
            good = False
            heading = BY_NAME["operator"].field(key)
            self._fault(table, row, prefix + key, (
                f"运营商 {name} 的{heading.zh}与第 {line} 行不同({kept[key]}):不同证照请用不同的运营商编码",
                (f"{value!r} differs from line {line} ({kept[key]!r}) for the same operator {name}: another licence "
                 "needs another operator id"),
            ))  # fmt: skip
        return good

    def _fault(self, table: Table, row: Row, name: str, said: Both) -> None:
        self._faults.add(row.place, table.headings.get(name, name), said)


def _read(form: Ident | CreditCode, said: object) -> str:
    try:
        return str(form.read(said)) if said is not None else ""
    except Wrong:
        return ""
