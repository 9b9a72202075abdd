with steps as (select generate_series($1::timestamptz, $2::timestamptz - interval '1 millisecond', $3::interval) as at),
captured as (select date_bin($3, captured, $1) as at, count(*) as n from view_monitoring.times where captured >= $1 and captured < $2 group by 1),
received as (
    select date_bin($3, greatest(minute, $1), $1) as at, sum(entries) as n from view_monitoring.operations
    where minute > $1 - interval '1 minute' and minute < $2 group by 1),
sealed as (select date_bin($3, time, $1) as at, sum(size - first + 1) as n from ledger_blocks where time >= $1 and time < $2 group by 1)
select s.at, coalesce(c.n, 0)::bigint, coalesce(r.n, 0)::bigint, coalesce(b.n, 0)::bigint
from steps s left join captured c on c.at = s.at left join received r on r.at = s.at left join sealed b on b.at = s.at
order by s.at
