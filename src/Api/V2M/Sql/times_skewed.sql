-- Records that were signed, by their source's clock, after they were taken in. A signature's time has whole seconds.
select t.seq, t.iss, t.format, t.captured, t.issued, t.received,
    (select b.time from ledger_blocks b where b.size >= t.seq order by b.size, b.height limit 1) as sealed, t.ms, t.total
from (
    select seq, iss, format, captured, issued, received, count(*) over () as total,
        ceil(extract(epoch from greatest(coalesce(captured, issued), issued) - received) * 1000)::bigint as ms
    from view_monitoring.times
    where received >= $1 and received < $2 and greatest(coalesce(captured, issued), issued) > received + make_interval(secs => $3 / 1000.0)
    order by greatest(coalesce(captured, issued), issued) - received desc, seq limit $4) t
order by t.ms desc, t.seq
