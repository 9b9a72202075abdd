-- Whoever replaces a schema waits for whoever gives rights to it, and the other way round: PostgreSQL lets the one fail that meets a row of its catalog that the other
-- has just changed. It ends with the transaction.
select pg_advisory_xact_lock(456104)
