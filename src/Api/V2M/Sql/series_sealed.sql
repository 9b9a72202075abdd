-- What was sealed, by the time of the block. A heartbeat is a block without entries.
select date_bin($3, time, $1), n.label, sum(n.value)::bigint from ledger_blocks
cross join lateral (values ('entries', size - first + 1), ('blocks', 1)) n(label, value)
where time >= $1 and time < $2 group by 1, 2 order by 1, 2
