-- What data users ask for. All of it can be made again from the entries; nothing here says whether an entry is sealed.
create table sources (
    iss             text         not null primary key,
    name            text         not null,
    state           text         not null,
    seq             bigint       not null);

create table keys (
    kid             text         not null primary key,
    iss             text         not null,
    jwk             jsonb        not null,
    purpose         text         not null,
    seq             bigint       not null,
    revoked_seq     bigint       null);

create table formats (
    vct             text         not null primary key,
    definition      jsonb        not null,
    seq             bigint       not null,
    retired_seq     bigint       null);

create table records (
    seq             bigint       not null primary key,
    stream          text         not null,
    version         bigint       not null,
    iss             text         not null,
    format          text         not null,
    format_version  bigint       not null,
    lifecycle       boolean      not null,
    jti             text         not null,
    kid             text         not null,
    number          text         not null,
    title           text         not null,
    claims          jsonb        not null,
    exp             bigint       null,
    status_idx      bigint       null,
    status_uri      text         null,
    time            timestamptz  not null,
    leaf            bytea        not null);
create index records_stream on records (stream, seq);
create index records_number on records (number, seq);
create index records_format on records (format, iss, seq);
create index records_leaf on records (leaf);
create index records_later on records (stream, seq) where lifecycle and version > 1;

-- Which records of formats without a life cycle name a licence: field, value, record.
create table links (
    name            text         not null,
    value           text         not null,
    seq             bigint       not null,
    primary key (name, value, seq));

create table changes (
    seq             bigint       not null primary key,
    stream          text         not null,
    change          text         not null,
    reason          text         null,
    time            timestamptz  not null);
create index changes_stream on changes (stream, seq);

-- So that an exact total costs the same for ten records and for ten million.
create table counts (
    format          text         not null,
    iss             text         not null,
    records         bigint       not null,
    primary key (format, iss));

-- What is asked. An entry that was rejected after it had been taken in is out of sight at once, before the tables are built anew.
create view shown as
select r.seq, r.stream, r.version, r.iss, coalesce(s.name, r.iss) as source, r.format, r.format_version, r.lifecycle, r.jti, r.kid, r.number, r.title, r.claims,
    r.exp, r.time, r.leaf
from records r left join sources s on s.iss = r.iss
where not exists (select from ledger_rejections x where x.seq = r.seq);

-- A licence is the newest record of its stream; its number is the value of the first key field.
create view licences as select * from shown where lifecycle;
