"""Papers that go with goods: drawn up from the data, signed on glass, immutable after the last signature.

`coldchain.custody.papers` has the entries; here they are folded, kept in a store of their own, checked before they are
written, laid beside what the data says, and printed.
"""
