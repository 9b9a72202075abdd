update formats set retired_seq = $2 where vct = $1
