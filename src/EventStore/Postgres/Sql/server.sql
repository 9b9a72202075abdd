select (select system_identifier::text from pg_control_system()), (select timeline_id from pg_control_checkpoint()), pg_postmaster_start_time()
