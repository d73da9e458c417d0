"""Operators, sites, assets, nodes, points, probes, bindings and limits: folds of change entries."""

from coldchain.registry.changes import (
    Asset,
    Binding,
    Change,
    LimitRule,
    Node,
    Operator,
    Point,
    Probe,
    Put,
    Site,
    decode_change,
)
from coldchain.registry.current import CurrentRegistry
from coldchain.registry.fold import UNBOUND, Registry, Sorted, Touched, event_channel, registry_at

__all__ = [
    "UNBOUND",
    "Asset",
    "Binding",
    "Change",
    "CurrentRegistry",
    "LimitRule",
    "Node",
    "Operator",
    "Point",
    "Probe",
    "Put",
    "Registry",
    "Site",
    "Sorted",
    "Touched",
    "decode_change",
    "event_channel",
    "registry_at",
]
