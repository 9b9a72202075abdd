insert into identity.token_keys (kid, jwk, until) values ($1, $2, $3)
on conflict (kid) do update set until = excluded.until
