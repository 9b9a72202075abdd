select p.last_seq_id, coalesce(l.skipped, 0), (select count(*) from ledger_rejections where seq <= p.last_seq_id)
from mt_event_progression p left join ledger_projections l on l.name = p.name
where p.name = $1
