select jwk from identity.browser_keys where pseudonym = $1 order by kid
