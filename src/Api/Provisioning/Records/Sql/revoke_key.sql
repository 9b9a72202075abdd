update keys set revoked_seq = $2 where kid = $1
