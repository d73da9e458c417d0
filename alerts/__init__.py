"""Rules as pure folds, alarms as people handle them, and the judge that follows the ledger."""
