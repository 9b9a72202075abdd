-- Entries that were taken in and not sealed at the end of each step; entries are known by the minute.
select s.at, 'waiting', greatest(0, coalesce(o.last, 0) - coalesce(b.size, 0))::bigint
from generate_series($1::timestamptz, $2::timestamptz - interval '1 millisecond', $3::interval) s(at)
left join lateral (
    select max(last_seq) as last from view_monitoring.operations
    where minute = (select max(minute) from view_monitoring.operations where minute < date_trunc('minute', least(s.at + $3, $2), 'UTC'))) o on true
left join lateral (select size from ledger_blocks where time < date_trunc('minute', least(s.at + $3, $2), 'UTC') order by time desc, height desc limit 1) b on true
order by 1
