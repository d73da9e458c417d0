"""Against GS1's own JSON schema, where `COLDCHAIN_EPCIS_SCHEMA` says where a copy of it lies (it is not part of this
project) and jsonschema is installed."""

from __future__ import annotations

import copy
import json
import operator
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from coldchain.epcis.checking import check
from coldchain.epcis.writing import written
from tests.epcis.milk import MORNING_MS, events
from tests.epcis.test_checking import OBSERVED, PUBLISHED, document

VARIABLE = "COLDCHAIN_EPCIS_SCHEMA"
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-\[\]_a-z~]+")
"""Written again here, so that a fault of the checker's own expression shows."""


@pytest.fixture(scope="module")
def schema() -> Any:
    """Return a validator of GS1's schema that also looks at formats."""
    path = os.environ.get(VARIABLE)
    if not path:
        pytest.skip(f"{VARIABLE} names no copy of GS1's EPCIS-JSON-Schema.json")
    jsonschema = pytest.importorskip("jsonschema")
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("uri")(lambda value: not isinstance(value, str) or URI.fullmatch(value) is not None)
    formats.checks("date-time", raises=ValueError)(_is_time)
    return jsonschema.Draft7Validator(json.loads(Path(path).read_text("utf-8")), format_checker=formats)


def _is_time(value: object) -> bool:
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value).tzinfo is not None)


def samples() -> dict[str, dict[str, Any]]:
    ours = {name: json.loads(written([event], MORNING_MS)) for name, event in events().items()}
    published = {f"published: {name}": document(event) for name, event in PUBLISHED.items()}
    header = {"sender": "a", "receiver": "b", "instanceIdentifier": "c", "id": "urn:x:1", "epcisHeader": {"ex:y": 1}}
    return ours | published | {"with a header": document(OBSERVED) | header}


def test_every_event_that_is_made_here_is_valid_alone_and_with_the_others(schema: Any) -> None:
    schema.validate(json.loads(written(events().values(), MORNING_MS)))
    assert {name: list(schema.iter_errors(one)) for name, one in samples().items() if not schema.is_valid(one)} == {}


OTHERS: tuple[Any, ...] = (None, 7, "", "x", [], {}, [[]], "2026-03-01", 1e9, True)


def damaged(found: Any) -> Iterator[Any]:
    """Yield copies with one field of another value, left out, or misspelt beside the right one, at every place."""
    for path in _places(found):
        for other in OTHERS:
            yield _with(found, path, partial(_set, other=other))
        yield _with(found, path, operator.delitem)
        yield _with(found, path, _double)


def _set(where: Any, key: Any, other: Any) -> None:
    where[key] = other


def _double(where: Any, key: Any) -> None:
    if isinstance(where, list):
        where.append(where[key])
    else:
        where[f"{key}x"] = where[key]


def _places(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key in found if isinstance(found, dict) else range(len(found)) if isinstance(found, list) else ():
        yield (*path, key)
        yield from _places(found[key], (*path, key))


def _with(found: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    changed = where = copy.deepcopy(found)
    for key in path[:-1]:
        where = where[key]
    change(where, path[-1])
    return changed


def test_whatever_the_schema_refuses_the_checker_refuses(schema: Any) -> None:
    refused = [wrong for sample in samples().values() for wrong in damaged(sample) if not schema.is_valid(wrong)]

    assert len(refused) > 10_000
    assert [wrong for wrong in refused if not check(wrong)] == []


def test_what_two_lists_may_lack_the_checker_asks_for_as_the_schema_does(schema: Any) -> None:
    for change in ({"epcList": None}, {"type": "TransactionEvent"}, {"type": "AggregationEvent"}):
        event = {name: value for name, value in {**OBSERVED, **change}.items() if value is not None}
        assert not schema.is_valid(document(event))
        assert check(document(event))
