update sources set state = $2 where iss = $1
