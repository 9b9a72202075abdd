select id, version from mt_streams where id = any ($1)
