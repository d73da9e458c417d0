"""Lines and areas on Earth: how far off a line, how far along it, inside an area or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coldchain.geo.sphere import EARTH_M

Floats = NDArray[np.float64]
Line = Sequence[tuple[float, float]] | Floats

BLOCK = 1 << 18
"""Pairs of a place and a piece of a line that are looked at together: a few MB."""


def along(latitude: ArrayLike, longitude: ArrayLike, line: Line) -> tuple[Floats, Floats]:
    """Return how far places lie off a line, and how far along it the nearest place of the line is, m.

    Of a line that passes a place twice the first nearest piece counts; who drives a road out and home again asks of the
    part between two stops. Pieces are great circles; among pieces of more than 100 km the nearest may be missed.

    Args:
        latitude, longitude: shape (n,), degrees.
        line: (latitude, longitude) of its corners, at least one; or shape (n, 2).

    Raises:
        ValueError: a line without a corner.

    >>> off, far = along([31.5], [121.001], [(31.0, 121.0), (32.0, 121.0)])
    >>> round(float(off[0])), round(float(far[0]))
    (95, 55598)
    """
    if not len(line):
        raise ValueError("a line needs at least one corner")
    ends = np.asarray(line, np.float64)
    corners = _vectors(ends[:, 0], ends[:, 1])
    if len(corners) == 1:
        corners = np.repeat(corners, 2, axis=0)
    angles = _arc(np.linalg.norm(np.diff(corners, axis=0), axis=1))
    before = np.concatenate([[0.0], np.cumsum(angles)[:-1]])
    points = _vectors(np.atleast_1d(np.asarray(latitude)), np.atleast_1d(np.asarray(longitude)))
    off, far = np.empty(len(points)), np.empty(len(points))
    rows = max(1, BLOCK // len(angles))
    for first in range(0, len(points), rows):
        some = points[first : first + rows]
        piece = _nearest(some - corners[0], corners - corners[0])
        foot, angle = _foot(some, corners[piece], corners[piece + 1], angles[piece])
        off[first : first + rows] = EARTH_M * _arc(np.linalg.norm(some - foot, axis=1))
        far[first : first + rows] = EARTH_M * (before[piece] + angle)
    return off, far


def inside(latitude: ArrayLike, longitude: ArrayLike, area: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    """Say which places lie inside an area: a ray from them crosses its edge an odd number of times.

    Args:
        latitude, longitude: shape (n,), degrees.
        area: (latitude, longitude) of its corners, the last one joined to the first; not across the date line.

    >>> inside([31.5, 31.5], [121.5, 122.5], [(31.0, 121.0), (32.0, 121.0), (32.0, 122.0), (31.0, 122.0)])
    array([ True, False])
    """
    y, x = np.asarray(latitude, np.float64), np.asarray(longitude, np.float64)
    odd = np.zeros(np.broadcast(y, x).shape, np.bool_)
    for (from_y, from_x), (to_y, to_x) in zip(area, [*area[1:], *area[:1]], strict=True):
        if from_y != to_y:
            crossed_at = from_x + (y - from_y) * (to_x - from_x) / (to_y - from_y)
            odd ^= ((from_y <= y) != (to_y <= y)) & (x < crossed_at)
    return odd


def _vectors(latitude: Floats, longitude: Floats) -> Floats:
    """Return places as directions from the middle of the Earth, shape (n, 3)."""
    up, over = np.radians(latitude), np.radians(longitude)
    return np.stack([np.cos(up) * np.cos(over), np.cos(up) * np.sin(over), np.sin(up)], axis=1)


def _arc(chord: Floats) -> Floats:
    """Return the angle between two directions that are so far apart, radians."""
    return np.asarray(2 * np.arcsin(np.minimum(chord / 2, 1.0)))


def _nearest(points: Floats, corners: Floats) -> NDArray[np.intp]:
    """Return for each point the number of the nearest piece, as straight ones.

    Args:
        points, corners: from one of the corners: with small numbers differences of squares keep a millimetre.
    """
    start, piece = corners[:-1], np.diff(corners, axis=0)
    square = (piece * piece).sum(axis=1)
    ahead = points @ piece.T - (start * piece).sum(axis=1)
    share = np.clip(ahead / np.where(square > 0, square, 1.0), 0.0, 1.0)
    # |p - a - t·s|² without |p|², which is the same for all pieces
    apart = (start * start).sum(axis=1) - 2 * points @ start.T + share * (share * square - 2 * ahead)
    return np.asarray(apart.argmin(axis=1))


def _foot(points: Floats, start: Floats, end: Floats, angles: Floats) -> tuple[Floats, Floats]:
    """Return the nearest direction on each point's own piece of a great circle, and how far along it, radians."""
    pole = np.cross(start, end - start)
    length = np.linalg.norm(pole, axis=1, keepdims=True)
    ahead = np.cross(pole / np.where(length > 0, length, 1.0), start)
    angle = np.arctan2((points * ahead).sum(axis=1), (points * start).sum(axis=1))
    angle = np.clip(angle, 0.0, angles)
    return start * np.cos(angle)[:, None] + ahead * np.sin(angle)[:, None], angle
