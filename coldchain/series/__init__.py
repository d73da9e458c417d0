"""The series store: readings by channel and time, a projection of the ledger."""
