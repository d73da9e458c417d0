"""The projections that ingest feeds: the series store and the latest values."""

from ingest.projections.latest import LatestProjection
from ingest.projections.series import SeriesProjection

__all__ = ["LatestProjection", "SeriesProjection"]
