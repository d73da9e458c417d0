"""The words of GS1's Core Business Vocabulary that its schema for EPCIS 2.0 knows.

Trap: ``collecting`` is the taking back of things, not the pick-up of milk at a farm; that is ``loading``.
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BIZ_STEPS = _words(
    "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting"
    " decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting"
    " installing killing loading other packing picking receiving removing repackaging repairing replacing reserving"
    " retail_selling shipping staging_outbound stock_taking stocking storing transporting unloading unpacking"
    " void_shipping sensor_reporting sampling"
)

DISPOSITIONS = _words(
    "active container_closed damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive"
    " no_pedigree_match non_sellable_other partially_dispensed recalled reserved retail_sold returned"
    " sellable_accessible sellable_not_accessible stolen unknown available completeness_verified completeness_inferred"
    " conformant container_open mismatch_instance mismatch_class mismatch_quantity needs_replacement non_conformant"
    " unavailable"
)

TRANSACTIONS = _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt")

SOURCES = frozenset({"owning_party", "possessing_party", "location"})
ACTIONS = frozenset({"ADD", "OBSERVE", "DELETE"})
ERROR_REASONS = frozenset({"did_not_occur", "incorrect_data"})
EXCEPTIONS = frozenset({"ALARM_CONDITION", "ERROR_CONDITION"})

COMPONENTS = _words(
    "x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude"
    " longitude altitude"
)

MEASUREMENTS = _words(
    "AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Radioactivity Altitude AmountOfSubstance"
    " AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance"
    " Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity"
    " ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency"
    " Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux"
    " LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate"
    " MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux"
    " RadiantIntensity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity"
    " SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux"
    " Wavenumber"
)

UNITS: Mapping[str, frozenset[str]] = {
    "Temperature": frozenset({"CEL", "KEL", "FAH"}),
    "Angle": frozenset({"DD"}),
}
"""Kind of measurement → units that it may have here; others are not looked at."""

WORDS: Mapping[str, frozenset[str]] = {
    "bizStep": BIZ_STEPS,
    "disposition": DISPOSITIONS,
    "bizTransactionType": TRANSACTIONS,
    "sourceType": SOURCES,
    "action": ACTIONS,
    "errorReason": ERROR_REASONS,
    "measurement": MEASUREMENTS,
    "exception": EXCEPTIONS,
    "component": COMPONENTS,
}

GS1_NAMES = ("urn:epcglobal:cbv", "http://ns.gs1.org/cbv/", "https://ns.gs1.org/cbv/")
GS1_MEASURES = ("http://gs1.org/voc/", "https://gs1.org/voc/", "http://www.gs1.org/voc/", "https://www.gs1.org/voc/")
"""A word of one's own is a URI outside of GS1's names; GS1's are written as bare words."""

CLOSED = frozenset({"action"})
"""Vocabularies that know no words of one's own."""
