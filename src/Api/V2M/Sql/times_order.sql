-- How many entries there are between two places, and how many are earlier than the one before them.
select count(*), count(*) filter (where timestamp < before)
from (select timestamp, lag(timestamp) over (order by seq_id) as before from mt_events where seq_id between $1 and $2) e
