select height, commit from ledger_blocks order by height desc limit $1
