"""The projections that ingest feeds: the series store, the latest values, where goods are, and papers."""

from ingest.projections.goods import GoodsProjection
from ingest.projections.latest import LatestProjection
from ingest.projections.papers import PaperProjection
from ingest.projections.series import SeriesProjection

__all__ = ["GoodsProjection", "LatestProjection", "PaperProjection", "SeriesProjection"]
