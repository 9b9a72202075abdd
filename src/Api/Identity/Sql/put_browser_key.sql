insert into identity.browser_keys (kid, pseudonym, jwk) values ($1, $2, $3) on conflict do nothing
