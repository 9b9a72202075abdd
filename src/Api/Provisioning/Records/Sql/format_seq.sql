select seq from u2s_formats where vct = $1
