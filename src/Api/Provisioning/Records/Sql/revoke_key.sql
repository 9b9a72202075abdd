update u2s_keys set revoked_seq = $2 where kid = $1
