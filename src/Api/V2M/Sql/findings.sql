-- What supervisors opened, and what hosts raised. A host's word is a finding until a supervisor has opened one about it.
select coalesce(o.id, 'host-' || o.seq) as id, o.data ->> 'kind', o.data ->> 'text', coalesce(o.data -> 'about', o.data)::text, o.seq, o.time, o.actor,
    case when c.seq is not null then 'closed' when o.type = 'finding_raised' then 'raised' else 'open' end as state,
    c.seq, c.time, c.actor, c.data ->> 'outcome',
    coalesce((select jsonb_agg(jsonb_build_object('seq', n.seq, 'time', to_char(n.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'actor', n.actor, 'text', n.data ->> 'text')
        order by n.seq) from view_monitoring.acts n where n.type = 'finding_noted' and n.id = o.id), '[]')::text
from view_monitoring.acts o left join view_monitoring.acts c on c.type = 'finding_closed' and c.id = o.id
where o.type in ('finding_opened', 'finding_raised') and ($1::text is null or coalesce(o.id, 'host-' || o.seq) = $1)
    and not exists (select from ledger_rejections x where x.seq = o.seq) and o.seq < $2
order by o.seq desc limit $3
