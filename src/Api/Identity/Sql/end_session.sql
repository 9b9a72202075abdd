delete from identity.sessions where id = $1 and pseudonym = $2 returning 1
