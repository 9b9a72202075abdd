insert into formats (vct, definition, seq) values ($1, $2::jsonb, $3) on conflict (vct) do nothing
