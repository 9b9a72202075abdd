delete from identity.sessions where id in (
    select id from identity.sessions where pseudonym = $1 order by started desc, id offset $2)
