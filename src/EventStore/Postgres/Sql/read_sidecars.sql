select seq, bytes from ledger_sidecars where seq between $1 and $2
