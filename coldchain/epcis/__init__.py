"""EPCIS 2.0: what happened to goods, in GS1's words, for other people's systems.

::

    facts.py ──▶ steps.py, conditions.py, states.py ──▶ writing.py ──▶ bytes of an EPCISDocument (JSON-LD)
                  one function a step                     ids, order      │
                  naming.py: GS1 keys or own URIs                         checking.py: refuses what GS1 refuses

Pure: times, ids and facts come in as arguments. An event that was sent never changes; a wrong one is declared wrong
(`coldchain.epcis.writing.corrected`).
"""

from coldchain.epcis.checking import Fault, check
from coldchain.epcis.naming import Names
from coldchain.epcis.writing import again, corrected, identified, written

__all__ = ["Fault", "Names", "again", "check", "corrected", "identified", "written"]
