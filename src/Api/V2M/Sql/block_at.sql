-- The newest block that was sealed by a time. Times of blocks ascend with their heights.
select height, header, commit from ledger_blocks where time <= $1 order by time desc, height desc limit 1
