insert into ledger_head (chain, seq, time) values ($1, 0, 'epoch') on conflict do nothing
