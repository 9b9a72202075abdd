select timestamp from mt_events where seq_id = $1
