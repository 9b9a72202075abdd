select iss, name, state, seq from u2s_sources where iss = $1
