select before, seq_id, since, timestamp, floor(extract(epoch from timestamp - since))::bigint as seconds
from (
    select seq_id, timestamp, lag(seq_id) over (order by seq_id) as before, lag(timestamp) over (order by seq_id) as since
    from mt_events where seq_id between $1 - 1 and $2) e
where timestamp - since >= make_interval(secs => $3)
order by timestamp - since desc, seq_id limit $4
