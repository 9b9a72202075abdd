select height, first, size, time, header, commit from ledger_blocks order by height desc limit 1
