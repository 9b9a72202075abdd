select seq, time from ledger_head
