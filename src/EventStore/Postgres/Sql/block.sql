select height, first, size, time, header, commit from ledger_blocks where height = $1
