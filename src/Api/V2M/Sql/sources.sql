select s.iss, s.name, s.state, coalesce(m.created, 0)::bigint, coalesce(m.updated, 0)::bigint, coalesce(r.refused, 0)::bigint, coalesce(r.repeated, 0)::bigint,
    coalesce(x.rejected, 0)::bigint, f.received, l.received, w.watermark, d.delay, l.kid
from view_provisioning.sources s
left join (select iss, sum(created) as created, sum(updated) as updated from view_monitoring.minutes
    where minute > $1 - interval '1 minute' and minute < $2 group by iss) m on m.iss = s.iss
left join (select iss, sum(count) filter (where code <> 'repeated') as refused, sum(count) filter (where code = 'repeated') as repeated from monitor.refusals
    where minute > $1 - interval '1 minute' and minute < $2 group by iss) r on r.iss = s.iss
left join (select e.actor as iss, count(*) as rejected from ledger_rejections j join ledger_entries e on e.seq = j.seq join mt_events v on v.seq_id = j.seq
    where v.timestamp >= $1 and v.timestamp < $2 and v.type in ('submission_accepted', 'status_changed') group by e.actor) x on x.iss = s.iss
left join lateral (select received from view_monitoring.times t where t.iss = s.iss order by seq limit 1) f on true
left join lateral (select received, kid from view_monitoring.times t where t.iss = s.iss order by seq desc limit 1) l on true
left join lateral (select max(coalesce(captured, issued)) as watermark from (select captured, issued from view_monitoring.times t where t.iss = s.iss order by seq desc limit 1000) n) w on true
left join lateral (select floor(1000 * percentile_disc(0.5) within group (order by extract(epoch from received - issued)))::bigint as delay
    from (select received, issued from view_monitoring.times t where t.iss = s.iss and received >= $1 and received < $2 order by seq desc limit 1000) n) d on true
