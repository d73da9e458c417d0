"""The projections that ingest feeds: the series store, the latest values, and where goods are."""

from ingest.projections.goods import GoodsProjection
from ingest.projections.latest import LatestProjection
from ingest.projections.series import SeriesProjection

__all__ = ["GoodsProjection", "LatestProjection", "SeriesProjection"]
