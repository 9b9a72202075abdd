-- What is supervised and stands in no entry: what a host refused, and how far an audit has come. Made by the host; supervisors' queries only read it.
create schema if not exists monitor;

create table if not exists monitor.refusals (
    iss             text         not null,
    code            text         not null,
    minute          timestamptz  not null,
    count           bigint       not null,
    primary key (iss, code, minute));
