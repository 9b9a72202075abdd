insert into sources (iss, name, state, seq) values ($1, $2, $3, $4)
on conflict (iss) do update set name = excluded.name, state = excluded.state
