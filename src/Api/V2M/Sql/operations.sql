select e.seq_id, e.type, e.stream_id, e.version, e.timestamp, l.actor, l.leaf,
    (select b.height from ledger_blocks b where b.size >= e.seq_id order by b.size, b.height limit 1), x.code
from mt_events e join ledger_entries l on l.seq = e.seq_id left join ledger_rejections x on x.seq = e.seq_id
where e.seq_id >= $1 and (cardinality($2::text[]) = 0 or e.type = any ($2)) and (cardinality($3::text[]) = 0 or l.actor = any ($3))
order by e.seq_id limit $4
