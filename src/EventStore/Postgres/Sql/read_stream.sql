select e.seq_id, e.stream_id, e.version, e.type, e.timestamp, l.actor, e.data, l.leaf
from mt_events e join ledger_entries l on l.seq = e.seq_id
where e.stream_id = $1 and e.version >= $2
order by e.version
