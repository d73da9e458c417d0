"""What others are told and tell: the events of goods, trips and places as EPCIS 2.0, out of the stores and into them.

::

    goods store, registry ──────────────────▶ goods.py  ─┐
    plans, words of people, judged trips ───▶ trips.py  ─┼─▶ selecting.py ─▶ sent.py ─▶ coldchain.epcis: the document
    series store, times out of a limit ─────▶ warmth.py ─┘                  (what is no longer true is declared wrong)

    a partner's document ─▶ coldchain.epcis: checked ─▶ capturing.py ─▶ entries of goods
"""
