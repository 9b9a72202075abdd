insert into links (name, value, seq)
select $1, claims ->> $1, seq from records where not lifecycle and claims ? $1 and jsonb_typeof(claims -> $1) in ('string', 'number')
on conflict do nothing
