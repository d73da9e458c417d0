"""The commands and the wiring: the only place that knows everybody."""
