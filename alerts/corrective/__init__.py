"""Corrective action beside the alarms that it is about: kept, derived, and told when it is overdue."""
