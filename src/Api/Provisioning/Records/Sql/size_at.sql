-- How far the ledger was sealed at a time.
select size, height, time from ledger_blocks where time <= $1 order by time desc, height desc limit 1
