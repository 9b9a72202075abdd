update identity.sessions set seen = $2 where id = $1
