select kid, purpose, seq, revoked_seq from view_provisioning.keys where iss = $1 order by seq
