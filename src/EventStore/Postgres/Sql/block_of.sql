-- A heartbeat repeats the size before it, so the lowest height that reaches the entry is the one that sealed it.
select height, first, size, time, header, commit from ledger_blocks where size >= $1 order by size, height limit 1
