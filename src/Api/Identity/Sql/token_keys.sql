select jwk from identity.token_keys where until > $1 order by kid
