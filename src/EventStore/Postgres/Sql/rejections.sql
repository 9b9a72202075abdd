select seq, code from ledger_rejections where seq between $1 and $2 order by seq
