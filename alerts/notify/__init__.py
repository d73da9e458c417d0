"""Telling people: from the alarm's outbox to messages that were accepted."""
