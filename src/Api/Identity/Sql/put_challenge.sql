insert into identity.challenges (challenge, purpose, state, until) values ($1, $2, $3, $4)
