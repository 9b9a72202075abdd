-- Blocks of a period, and how long the oldest entry of each waited for its seal. A heartbeat seals nothing.
select count(*),
    (percentile_disc(0.5) within group (order by ms))::bigint, (percentile_disc(0.99) within group (order by ms))::bigint, max(ms)::bigint
from (
    select floor(extract(epoch from b.time - e.timestamp) * 1000) as ms
    from ledger_blocks b left join mt_events e on e.seq_id = b.first and b.first <= b.size
    where b.time >= $1 and b.time < $2) l
