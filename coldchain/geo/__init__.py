"""Places on Earth: coordinate systems, distances, lines and areas. Degrees and metres; WGS-84 unless a name says else.

::

    GCJ-02, BD-09 ──systems.py──▶ WGS-84 ──sphere.py──▶ metres between places, or east and north of one
                                     └─────lines.py───▶ off a line and along it, inside an area
"""

from coldchain.geo.lines import along, inside
from coldchain.geo.sphere import EARTH_M, Flat, distance_m
from coldchain.geo.systems import SYSTEMS, from_wgs84, to_wgs84

__all__ = ["EARTH_M", "SYSTEMS", "Flat", "along", "distance_m", "from_wgs84", "inside", "to_wgs84"]
