-- Who may sign in, and how. Nothing of it is on the ledger; the ledger has pseudonyms, keys and roles.
create schema if not exists identity;

-- Public halves of the hosts' token keys: several hosts share one database, and each takes what another issued.
create table if not exists identity.token_keys (
    kid text primary key,
    jwk text not null,
    until timestamptz not null
);

-- A client assertion counts once; a row may go when the assertion has expired by itself.
create table if not exists identity.used_jti (
    owner text not null,
    jti text not null,
    until timestamptz not null,
    primary key (owner, jti)
);
create index if not exists used_jti_until on identity.used_jti (until);

-- What a caller was asked to sign, once and soon.
create table if not exists identity.challenges (
    challenge text primary key,
    purpose text not null,
    state text,
    until timestamptz not null
);
create index if not exists challenges_until on identity.challenges (until);

-- The id is a digest of the secret that the person's program keeps; from this table nobody can sign in.
create table if not exists identity.sessions (
    id text primary key,
    pseudonym text not null,
    strength text not null,
    started timestamptz not null,
    seen timestamptz not null,
    until timestamptz not null,
    agent text not null
);
create index if not exists sessions_pseudonym on identity.sessions (pseudonym, started);

-- One-time codes that open an account; the first is made at the first start. The table has their digests.
create table if not exists identity.invitations (
    digest text primary key,
    until timestamptz not null
);

-- Browser keys that a person brought and nobody has bound yet; a passkey stands with its account.
create table if not exists identity.browser_keys (
    kid text primary key,
    pseudonym text not null,
    jwk text not null
);
