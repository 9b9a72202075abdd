-- What is supervised and stands in no entry: what a host refused, and how far an audit has come. Made by the host; supervisors' queries only read it.
create schema if not exists monitor;

create table if not exists monitor.refusals (
    iss             text         not null,
    code            text         not null,
    minute          timestamptz  not null,
    count           bigint       not null,
    primary key (iss, code, minute));

create table if not exists monitor.audits (
    id              text         not null primary key,
    state           text         not null,
    next            bigint       not null,
    checked         bigint       not null,
    total           bigint       not null,
    failed          bigint       not null,
    failures        jsonb        not null,
    report          jsonb        null,
    digest          text         null);
