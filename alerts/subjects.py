"""What stands in an episode where most have a point: a gateway, an asset, its milk, a trip, a site, the server.

A point whose id began with one of these words would be taken for it.
"""

from __future__ import annotations

from coldchain.registry import Registry

NODE = "node:"
ASSET = "asset:"
TRIP = "trip:"
MILK = "milk:"
"""The milk in a tank."""
SITE = "site:"
SERVER = "server:"
"""There is one."""


def subject_of(node: str) -> str:
    """Return what stands in a gateway's episodes."""
    return NODE + node


def subject_of_asset(asset: str) -> str:
    """Return what stands in the episodes of an asset as a whole."""
    return ASSET + asset


def subject_of_trip(trip: str) -> str:
    """Return what stands in the episodes of a trip."""
    return TRIP + trip


def subject_of_site(site: str) -> str:
    """Return what stands in the episodes of a site as a whole."""
    return SITE + site


def subject_of_milk(asset: str) -> str:
    """Return what stands in the episodes of the milk in a tank."""
    return MILK + asset


def place_of(registry: Registry, subject: str, at_ms: int) -> tuple[str, str]:
    """Return the asset of a subject, and the site where that stood at a measured time; of gateways and sites the site.

    Both are empty for the server, and for what the registry does not know.
    """
    if subject.startswith(NODE):
        node = registry.nodes.get(subject.removeprefix(NODE))
        return "", node.site if node else ""
    if subject.startswith(SITE):
        return "", subject.removeprefix(SITE)
    if subject.startswith((ASSET, MILK)):
        asset = subject.partition(":")[2]
    else:
        point = registry.points.get(subject)
        asset = point.asset if point else ""
    return (asset, registry.site_at(asset, at_ms)) if asset else ("", "")
