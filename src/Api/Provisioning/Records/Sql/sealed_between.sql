select f.seq, stream, version, iss, source, format, format_version, lifecycle, jti, kid, number, title, claims, exp, f.time, leaf, metadata, b.height, b.time
from view_provisioning.shown f
cross join lateral (select height, time from ledger_blocks where size >= f.seq order by size, height limit 1) b
where f.seq > $1 and f.seq <= $2 and ($4::text is null or format = $4) order by f.seq limit $3
