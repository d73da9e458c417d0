"""Sensors of coolers and trucks with real physics; speaks only MQTT."""
