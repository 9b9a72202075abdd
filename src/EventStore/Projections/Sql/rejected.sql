select seq from ledger_rejections where seq between $1 and $2
