insert into identity.used_jti (owner, jti, until) values ($1, $2, $3) on conflict do nothing returning 1
