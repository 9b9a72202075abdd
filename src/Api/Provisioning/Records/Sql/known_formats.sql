-- Definitions never change, so those that are known by now are only named.
select vct, case when vct = any ($1) then null else definition end from formats
