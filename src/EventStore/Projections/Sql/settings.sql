-- What a crash of the database takes back of a view is folded in again, so no step waits for the disk.
select set_config('search_path', $1, true), set_config('synchronous_commit', 'off', true)
