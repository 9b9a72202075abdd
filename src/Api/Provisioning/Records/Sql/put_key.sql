insert into keys (kid, iss, jwk, purpose, seq) values ($1, $2, $3::jsonb, $4, $5) on conflict (kid) do nothing
