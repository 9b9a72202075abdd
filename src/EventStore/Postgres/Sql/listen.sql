listen ledger_appended; listen ledger_sealed
