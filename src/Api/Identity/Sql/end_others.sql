delete from identity.sessions where pseudonym = $1 and id <> $2
