select s.iss, s.name, s.state, s.seq, f.seq, f.time, l.seq, l.time
from view_provisioning.sources s
left join lateral (select seq, time from view_provisioning.shown where iss = s.iss order by seq limit 1) f on true
left join lateral (select seq, time from view_provisioning.shown where iss = s.iss order by seq desc limit 1) l on true
where encode(sha256(convert_to(s.iss, 'UTF8')), 'hex') = $1
