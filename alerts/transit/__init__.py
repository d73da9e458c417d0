"""Vehicles on their way: from positions and plans to arrivals, delays and what was carried, in measured time."""
