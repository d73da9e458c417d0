"""Providers of messages on loopback that speak the wire of the real ones, and misbehave as they do."""
