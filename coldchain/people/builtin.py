"""The plan that the program brings: it holds until somebody writes another one into the ledger."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from coldchain.people.plan import NotifyPlan
from coldchain.people.reading import read_plan
from coldchain.registry.fold import Registry

FILE = "plan.toml"


@cache
def builtin_plan() -> NotifyPlan:
    """Return the built-in plan."""
    return read_plan(builtin_text(), FILE)


def builtin_text() -> str:
    """Return the file of the built-in plan with its comments, to be edited."""
    return files("coldchain.people").joinpath(FILE).read_text("utf-8")


def plan_of(registry: Registry) -> NotifyPlan:
    """Return the plan in force."""
    return registry.notify_plan or builtin_plan()
