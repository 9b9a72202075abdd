insert into mt_event_progression (name, last_seq_id, last_updated) values ($1, 0, 'epoch') on conflict do nothing
