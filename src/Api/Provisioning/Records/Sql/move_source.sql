update u2s_sources set state = $2 where iss = $1
