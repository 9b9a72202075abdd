delete from identity.invitations where digest = $1 and until > $2 returning 1
