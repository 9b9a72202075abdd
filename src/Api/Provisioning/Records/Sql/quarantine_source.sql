update sources set quarantined = $2 where iss = $1
