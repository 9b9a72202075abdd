select seq from ledger_uniques where kind = $1 and key = $2
