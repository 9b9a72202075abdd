select r.seq, r.data ->> 'rule', r.data ->> 'kind', r.data ->> 'about', r.time, c.seq, c.time, a.seq, a.actor, a.data ->> 'text'
from view_monitoring.acts r
left join lateral (select seq, time from view_monitoring.acts c where c.type = 'alert_cleared' and (c.data ->> 'alert')::bigint = r.seq order by seq limit 1) c on true
left join lateral (select seq, actor, data from view_monitoring.acts a where a.type = 'alert_acknowledged' and a.id = r.seq::text order by seq limit 1) a on true
where r.type = 'alert_raised' and r.seq < $1 and ($2::bigint is null or r.seq = $2)
order by r.seq desc limit $3
