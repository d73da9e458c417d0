"""What assets were doing, for who shows it: as said in the registry, else as found from the series store."""

from __future__ import annotations

from alerts.activities import SIGNALS, Found
from alerts.assets import activities_of
from alerts.history import SeriesHistory
from alerts.windows import LOOKBACK_MS
from coldchain.registry import Registry
from coldchain.series.port import Series


def doing(series: Series, registry: Registry, asset: str, from_ms: int, to_ms: int) -> list[tuple[Found, bool]]:
    """Return what an asset was doing in [from, to), rising and without gaps, and whether a person or a trip said it."""
    history, upto = SeriesHistory(series), series.cursor()
    samples = {
        point.id: history.samples(registry, point.id, from_ms - LOOKBACK_MS, to_ms, upto)
        for point in registry.points_of(asset)
        if point.quantity in SIGNALS
    }
    return activities_of(registry, asset, samples, from_ms, to_ms)
