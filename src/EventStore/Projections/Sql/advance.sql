-- By compare-and-set: a host that lost the projection to another one changes nothing.
update mt_event_progression set last_seq_id = $3, last_updated = $4 where name = $1 and last_seq_id = $2
