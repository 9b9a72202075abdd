-- How many of these leaves stand where they were meant to.
select count(*) from unnest($2::bytea[]) with ordinality n(leaf, no) join ledger_entries e on e.seq = $1 + n.no and e.leaf = n.leaf
