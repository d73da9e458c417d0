"""Telling people: tests."""
