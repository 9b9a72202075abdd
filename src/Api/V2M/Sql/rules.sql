select distinct on (s.id) s.id, s.data ->> 'kind', (s.data ->> 'threshold')::bigint, s.data ->> 'target', (s.data ->> 'windowSeconds')::bigint, s.seq, s.actor
from view_monitoring.acts s
where s.type = 'alert_rule_set' and not exists (select from view_monitoring.acts r where r.type = 'alert_rule_removed' and r.id = s.id and r.seq > s.seq)
order by s.id, s.seq desc
