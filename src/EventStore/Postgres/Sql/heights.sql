select (select seq from ledger_head), (select coalesce(max(height), 0) from ledger_blocks)
