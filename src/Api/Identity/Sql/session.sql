select id, pseudonym, strength, started, seen, until, agent from identity.sessions where id = $1 and until > $2 and seen > $3
