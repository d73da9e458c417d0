"""Receive, verify, append, acknowledge; and the projections into the series store and the latest values."""
