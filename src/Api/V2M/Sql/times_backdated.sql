-- Records that say that they are older than when they came, by more than so many milliseconds.
select t.seq, t.iss, t.format, t.captured, t.issued, t.received,
    (select b.time from ledger_blocks b where b.size >= t.seq order by b.size, b.height limit 1) as sealed, t.ms, t.total
from (
    select seq, iss, format, captured, issued, received, count(*) over () as total,
        floor(extract(epoch from received - least(coalesce(captured, issued), issued)) * 1000)::bigint as ms
    from view_monitoring.times
    where received >= $1 and received < $2 and received - least(coalesce(captured, issued), issued) > make_interval(secs => $3 / 1000.0)
    order by received - least(coalesce(captured, issued), issued) desc, seq limit $4) t
order by t.ms desc, t.seq
