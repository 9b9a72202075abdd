-- The newest version of each record that has all these words, newest first.
select seq, stream, version, iss, source, format, format_version, lifecycle, jti, kid, number, title, claims, exp, time, leaf, metadata from view_provisioning.found f
where words @@ view_provisioning.search_query($1) and seq <= $2 and seq < $3
    and not exists (select from view_provisioning.shown n where n.stream = f.stream and n.seq > f.seq and n.seq <= $2 and n.version > 1)
order by seq desc limit $4
