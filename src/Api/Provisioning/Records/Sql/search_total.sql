select count(*) from view_provisioning.found f
where words @@ view_provisioning.search_query($1) and seq <= $2
    and not exists (select from view_provisioning.shown n where n.stream = f.stream and n.seq > f.seq and n.seq <= $2 and n.version > 1)
