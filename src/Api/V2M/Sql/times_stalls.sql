select before, height, since, time, floor(extract(epoch from time - since))::bigint as seconds
from (select height, time, lag(height) over (order by height) as before, lag(time) over (order by height) as since from ledger_blocks) b
where time >= $1 and time < $2 and time - since >= make_interval(secs => $3)
order by time - since desc, height limit $4
