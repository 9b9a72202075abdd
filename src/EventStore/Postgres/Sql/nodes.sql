select hash from ledger_nodes where level = $3 and index >= $1 and index < $1 + $2 order by index
