select jwk::text, seq, revoked_seq from u2s_keys where kid = $1
