insert into identity.sessions (id, pseudonym, strength, started, seen, until, agent) values ($1, $2, $3, $4, $4, $5, $6)
