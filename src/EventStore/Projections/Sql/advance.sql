-- By compare-and-set and under the lock: a host that lost the projection to another one, or would have to wait for it, changes nothing.
with own as materialized (select pg_try_advisory_xact_lock(hashtextextended($1, 4561)) as is_own)
update mt_event_progression set last_seq_id = $3, last_updated = $4 from own where is_own and name = $1 and last_seq_id = $2
