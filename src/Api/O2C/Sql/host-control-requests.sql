-- Acts of control that wait for signatures. What is signed is in the ledger; a draft that is lost is drafted again.
create table if not exists host.control_requests (
    id         text primary key,
    drafted    timestamptz not null,
    draft      text not null,
    signatures text not null,
    seq        bigint
);
create index if not exists control_requests_drafted on host.control_requests (drafted);
