-- Records whose entry has this hash, or that name it in a public field.
select f.seq, stream, version, iss, source, format, format_version, lifecycle, jti, kid, number, title, claims, exp, f.time, leaf, metadata, b.height, b.time
from view_provisioning.found f
cross join lateral (select height, time from ledger_blocks where size >= f.seq order by size, height limit 1) b
where (leaf = $1 or words @@ plainto_tsquery('simple', encode($1, 'hex'))) and f.seq <= $2 order by f.seq limit 100
