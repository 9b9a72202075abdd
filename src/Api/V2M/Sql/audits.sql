select o.id, o.seq, o.time, o.actor, (o.data -> 'range' ->> 'from')::bigint, (o.data -> 'range' ->> 'to')::bigint, o.data ->> 'source', o.data ->> 'format',
    (o.data -> 'sample' ->> 'size')::bigint, (o.data -> 'sample' ->> 'seedHeight')::bigint,
    case when c.seq is not null and coalesce(a.state, 'waiting') <> 'done' then 'cancelled' else coalesce(a.state, 'waiting') end, coalesce(a.checked, 0), coalesce(a.total, 0), coalesce(a.failed, 0), a.report::text, a.digest,
    c.seq, c.data ->> 'outcome', r.seq, r.actor
from view_monitoring.acts o
left join monitor.audits a on a.id = o.id
left join view_monitoring.acts c on c.type = 'audit_closed' and c.id = o.id
left join lateral (select seq, actor from view_monitoring.acts r where r.type = 'report_sealed' and r.data ->> 'of' = o.id and r.data ->> 'digest' = a.digest order by seq limit 1) r on true
where o.type = 'audit_ordered' and ($1::text is null or o.id = $1)
order by o.seq desc limit 500
