insert into identity.invitations (digest, until) values ($1, $2)
