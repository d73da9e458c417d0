"""The vocabulary of the cold-chain monitor and the doors to the world outside.

Everything that the services share lives here: readings, SenML, topics, the seal, the clock, settings,
the ledger and the series store. This package knows no service.
"""

__version__ = "0.1.0"
