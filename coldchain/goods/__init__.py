"""Lots: where they were and are, what they became, who holds them back; a projection of its own.

::

    entries (coldchain.custody.goods) ──▶ verdicts, fold (pure) ──▶ store ──▶ reader ──▶ where (with the registry)
"""
