update u2s_formats set retired_seq = $2 where vct = $1
