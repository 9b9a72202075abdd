select w.seq, e.stream_id, e.version, e.data::text, e.type, e.timestamp, l.actor, l.leaf, s.bytes
from unnest($1::bigint[]) w(seq) left join mt_events e on e.seq_id = w.seq left join ledger_entries l on l.seq = w.seq left join ledger_sidecars s on s.seq = w.seq
order by w.seq
