select leaf from ledger_entries where seq > $1 and seq <= $1 + $2 order by seq
