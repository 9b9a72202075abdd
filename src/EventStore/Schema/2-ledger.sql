-- The end of the log. Its one row is the lock under which places are given, so their order is the order of commits.
create table if not exists ledger_head (
    only_row  boolean      not null default true primary key check (only_row),
    chain     text         not null,
    seq       bigint       not null,
    time      timestamptz  not null) with (fillfactor = 10);

-- What an entry has besides Marten's columns.
create table if not exists ledger_entries (
    seq       bigint       not null primary key,
    actor     text         not null,
    leaf      bytea        not null);

create table if not exists ledger_sidecars (
    seq       bigint       not null primary key,
    bytes     bytea        not null);
-- Ciphertext does not compress.
alter table ledger_sidecars alter column bytes set storage external;

create table if not exists ledger_uniques (
    kind      smallint     not null,
    key       bytea        not null,
    seq       bigint       not null,
    primary key (kind, key));

create table if not exists ledger_blocks (
    height    bigint       not null primary key,
    first     bigint       not null,
    size      bigint       not null,
    time      timestamptz  not null,
    header    bytea        not null,
    commit    bytea        not null);
create index if not exists ledger_blocks_size on ledger_blocks (size, height);
create index if not exists ledger_blocks_time on ledger_blocks (time, height);
-- The block hash is that of the header.
create index if not exists ledger_blocks_hash on ledger_blocks (sha256(header));

create table if not exists ledger_rejections (
    seq       bigint       not null primary key,
    code      text         not null,
    height    bigint       not null);

-- Roots of full subtrees of 256^level leaves; level 0 stands in ledger_entries.
create table if not exists ledger_nodes (
    level     smallint     not null,
    index     bigint       not null,
    hash      bytea        not null,
    primary key (level, index));

-- How many rejected entries a projection has stepped over. Any other number than there are means that it took one for valid.
create table if not exists ledger_projections (
    name      text         not null primary key,
    skipped   bigint       not null);
