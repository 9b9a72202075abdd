-- A record is an update when its stream holds an earlier one.
select t.seq, p.seq, t.iss, t.format, n.number, t.version, t.received, t.kid, p.claims::text, n.claims::text
from view_monitoring.times t
join view_provisioning.records n on n.seq = t.seq
join lateral (select o.seq, o.claims from view_provisioning.records o where o.stream = t.stream and o.seq < t.seq order by o.seq desc limit 1) p on true
where t.version > 1 and t.received >= $1 and t.received < $2 and ($3::text is null or t.iss = $3) and t.seq < $4
order by t.seq desc limit $5
