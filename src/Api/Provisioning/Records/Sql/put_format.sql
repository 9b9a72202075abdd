insert into u2s_formats (vct, definition, seq) values ($1, $2::jsonb, $3) on conflict (vct) do nothing
