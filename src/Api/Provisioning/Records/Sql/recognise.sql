-- What a text may name: $1 as it was typed, $2 as a number or 0, $3 as a hash or empty, $4 the sealed size, $5 its height.
select 'block' as kind, height::text as name, 'Block ' || height as title from ledger_blocks where height = $2 and height <= $5
union all
select 'block', height::text, 'Block ' || height from ledger_blocks where sha256(header) = $3 and height <= $5
union all
select 'record', seq::text, title from view_provisioning.shown where seq = $2 and seq <= $4
union all
select 'record', seq::text, title from view_provisioning.shown where leaf = $3 and seq <= $4
union all
(select distinct on (number) 'licence', number, title from view_provisioning.licences where number = $1 and seq <= $4 order by number, seq desc)
union all
(select 'record', seq::text, title from view_provisioning.shown where number = $1 and not lifecycle and seq <= $4 order by seq desc limit 20)
union all
select 'source', encode(sha256(convert_to(iss, 'UTF8')), 'hex'), name from view_provisioning.sources where iss = $1 or lower(name) = lower($1)
