select id, pseudonym, strength, started, seen, until, agent from identity.sessions
where pseudonym = $1 and until > $2 and seen > $3 order by started desc, id
