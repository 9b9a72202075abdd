select before, seq, since, received, floor(extract(epoch from received - since))::bigint
from (select seq, received, lag(seq) over (order by seq) as before, lag(received) over (order by seq) as since
    from view_monitoring.times where iss = $3 and received >= $1 and received < $2) t
where received - since >= make_interval(secs => $4)
order by received - since desc, seq limit 200
