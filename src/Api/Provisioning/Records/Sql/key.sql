select jwk::text, seq, revoked_seq from view_provisioning.keys where kid = $1
