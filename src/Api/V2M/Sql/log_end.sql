select seq from ledger_head
