"""Corrective action (整改): what is said after an alarm, a lead or a risk; no entries of the registry.

The judge keeps them beside the alarms that they speak of (`alerts.corrective`), so that a re-judge leaves both in step.
"""

from coldchain.corrective.entries import (
    CORRECTIVE,
    LEAD,
    RISK,
    CoreTemperature,
    Correction,
    CorrectionVerified,
    Corrective,
    Lead,
    RiskReport,
    about_of,
)

__all__ = [
    "CORRECTIVE",
    "LEAD",
    "RISK",
    "CoreTemperature",
    "Correction",
    "CorrectionVerified",
    "Corrective",
    "Lead",
    "RiskReport",
    "about_of",
]
