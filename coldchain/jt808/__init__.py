"""JT/T 808, the protocol of vehicle terminals in China: frames, messages and fields, as 2013 and 2019 write them.

::

    7E ┊ header: id, attributes, terminal's number, serial, (parts) ┊ body ┊ XOR ┊ 7E
    └── framing.py ────┘└── messages.py ─────────────────────────┘ └ fields.py: BCD, times

Both sides use this: the gateway's listener (`gateway.jt808`) and the simulated terminal (`firmware_sim.terminal`).
"""

from coldchain.jt808.fields import bcd_of_time, time_of_bcd
from coldchain.jt808.framing import MAX_FRAME, Splitter, framed, unframed
from coldchain.jt808.messages import MAX_BODY, Kind, Message, Result, packed, parts_of, unpacked

__all__ = [
    "MAX_BODY",
    "MAX_FRAME",
    "Kind",
    "Message",
    "Result",
    "Splitter",
    "bcd_of_time",
    "framed",
    "packed",
    "parts_of",
    "time_of_bcd",
    "unframed",
    "unpacked",
]
