select chain from ledger_head
