-- How long the oldest entry of each block waited for its seal. A heartbeat seals nothing.
with waits as (
    select date_bin($3, b.time, $1) as at, floor(extract(epoch from b.time - e.timestamp) * 1000) as ms
    from ledger_blocks b join mt_events e on e.seq_id = b.first
    where b.first <= b.size and b.time >= $1 and b.time < $2)
select at, 'p50', (percentile_disc(0.5) within group (order by ms))::bigint from waits group by at
union all select at, 'p99', (percentile_disc(0.99) within group (order by ms))::bigint from waits group by at
order by 1, 2
