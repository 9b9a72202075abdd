#!/usr/bin/env node
// The light verifier: judges a proof bundle with nothing but the genesis file. No network, no clock, no dependencies;
// WebCrypto only, so that the same file runs in a browser page and in Node 18 or later:
//
//   node verify.mjs BUNDLE --genesis FILE [--json] [--require-valid]        exit 0 authentic · 1 not-authentic · 2 cannot-tell
//
// verify(bundleBytes, genesisBytes, {requireValid}) answers {verdict, code, exit, checks: [{name, ok, text}], status?, sealed?, claims?}.
// Every check runs; `code` is that of the first that failed, in the fixed order of verify() below, so that the C# twin names the same.
//
// Long because it is one file by purpose: people download it, read it whole and keep it beside their proofs.

/** Every reason code there is. A proved status other than valid is `authentic` with that status as its code. */
export const CODES = {
  'not-json': 'The bundle is not JSON in UTF-8, or has a name twice, U+0000, a lone surrogate or more than 64 levels.',
  'not-canonical': 'The bundle is not in its one canonical form (RFC 8785).',
  'version': 'Some part has a format version other than 1, which this verifier does not know.',
  'members': 'A member is missing, unknown, or not of its form.',
  'chain': 'The bundle, or a part of it, is of another ledger than the genesis file.',
  'issuer-key': 'The issuer\'s key is not the one that the record names.',
  'issuer-signature': 'The issuer did not sign this record, or it is not a signed record at all.',
  'disclosure': 'A disclosed value matches no digest in the signed record, or breaks the rules of RFC 9901.',
  'entry': 'The sealed entry is not one that could hold this record.',
  'record-mismatch': 'The sealed entry holds another record.',
  'inclusion': 'The entry is not in the sealed tree.',
  'results': 'The list of rejected entries is not the sealed one.',
  'rejected': 'The validators rejected this entry.',
  'set-chain': 'The validators do not follow from the genesis file.',
  'header': 'The commit is for another block, by other validators, or the block does not hold the entry.',
  'commit': 'A validator\'s signature under a block is not valid.',
  'quorum': 'Not more than two thirds of the voting power signed.',
  'status-record': 'The status is of another record or ledger.',
  'status-height': 'The status is not as of the block that comes with it, or is older than the seal.',
  'status-signature': 'The status is not signed by more than two thirds of the voting power, or a signature under it is not valid.',
  'status-missing': 'The record can be suspended or revoked, and the bundle does not say whether it was.',
  'ok': 'Authentic, and nothing speaks against it.',
  'suspended': 'Authentic, but suspended.',
  'revoked': 'Authentic, but revoked.',
  'expired': 'Authentic, but expired.',
  'superseded': 'Authentic, but superseded by a newer record.',
};
const CANNOT_TELL = ['version', 'status-missing'];
const STATUSES = ['valid', 'suspended', 'revoked', 'expired', 'superseded'];
const DEPTH_MAX = 64;
const BUNDLE_BYTES_MAX = 4 * 1024 * 1024;
const ENTRY_BYTES_MAX = 60_000;
const JWT_CHARS_MAX = 56_000;
const [DISCLOSURES_MAX, SET_MEMBERS_MAX] = [256, 31];
const IAT_AHEAD_MS = 5 * 60_000;
// What every reader must see is never behind a disclosure (SD-JWT VC section 3.2.2.2, and the ledger's own claims).
const NEVER_DISCLOSED = ['iss', 'vct', 'ledger', 'jti', 'iat', 'nbf', 'exp', 'cnf', 'status'];

export class Refusal extends Error {
  constructor(code, text, open = CANNOT_TELL.includes(code)) {
    super(text ?? CODES[code]);
    Object.assign(this, { code, open });
  }
}
export const demand = (ok, code, text) => { if (!ok) throw new Refusal(code, text); };

// ---- bytes and text

const { subtle } = globalThis.crypto ?? (await import('node:crypto')).webcrypto; // Debian 12's Node 18 has no such global.
export const utf8 = text => new TextEncoder().encode(text);
const textOf = bytes => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
export const sha256 = async (...parts) => new Uint8Array(await subtle.digest('SHA-256', join(parts)));
export const hex = bytes => Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('');
export const unhex = text => Uint8Array.from(text.match(/../g), pair => parseInt(pair, 16));
export const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
const base64url = bytes => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

function join(parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  parts.reduce((at, p) => (all.set(p, at), at + p.length), 0);
  return all;
}

/** Null unless the text is the one canonical base64url form of some bytes: no padding, unused bits zero. */
function unbase64url(text) {
  if (typeof text !== 'string' || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));
  const last = bytes.subarray(bytes.length - bytes.length % 3);
  return text.endsWith(base64url(last)) ? bytes : null;
}

// ---- JSON

/** RFC 8785. JSON.stringify writes numbers and strings as ECMAScript does, which is what JCS asks for; sort() is by UTF-16 unit. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map(name => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}

/** Strict I-JSON; undefined when the bytes are not that. JSON.parse alone would keep the last of two equal names. */
export function parse(bytes) {
  try {
    const text = textOf(bytes);
    const value = JSON.parse(text);
    return namesOnce(text) && clean(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether no object of this valid JSON text has a name twice, and the nesting is bounded. */
function namesOnce(text) {
  const open = [];
  let string = null;
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/gs)) {
    if (token === '{' || token === '[') {
      if (open.push(new Set()) > DEPTH_MAX) return false;
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ':') {
      const names = open.at(-1);
      const name = JSON.parse(string);
      if (names.has(name)) return false;
      names.add(name);
    } else {
      string = token;
    }
  }
  return true;
}

function clean(value) {
  if (typeof value === 'string') return !value.includes('\0') && !/\p{Surrogate}/u.test(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value !== 'object') return true;
  return Object.entries(value).every(([name, item]) => clean(name) && clean(item));
}

// ---- forms: exact members, exact types

const text = v => typeof v === 'string';
export const object = v => v !== null && typeof v === 'object' && !Array.isArray(v);
const from = min => v => Number.isSafeInteger(v) && v >= min;
export const digest = v => text(v) && /^[0-9a-f]{64}$/.test(v);
const encoded = length => v => unbase64url(v)?.length === length;
const time = v => text(v) && /^\d{4}(-\d\d){2}T\d\d(:\d\d){2}\.\d{3}Z$/.test(v) && Date.parse(v) >= 0 && new Date(v).toISOString() === v;
export const one = v => v === 1;
const is = (...words) => v => words.includes(v);

const JWK = jwk => misfit(jwk, { crv: is('P-256'), kty: is('EC'), x: encoded(32), y: encoded(32) }, '') === null && onCurve(jwk);
const OTHER_KEYS = { 'checkpoint?': JWK, 'receipt?': JWK, 'status?': JWK, 'transport?': JWK, 'share?': JWK };
export const MEMBER = { kid: text, jwk: JWK, power: from(1), keys: OTHER_KEYS };
const SIGNATURES = [{ kid: text, sig: text }];
export const COMMIT = { v: one, height: from(1), round: from(0), block: digest, signatures: SIGNATURES };
const HEADER_MEMBERS = {
  v: one, chain: text, height: from(1), prev: digest, time, first: from(1), size: from(0), root: digest, results: digest, state: digest,
  validators: digest, nextValidators: digest, proposer: text,
};
export const HEADER = header => misfit(header, HEADER_MEMBERS, '') === null && header.first <= header.size + 1;
const ENTRY = { v: one, seq: from(1), stream: text, version: from(1), type: text, time, actor: text, data: { record: text, 'sidecar?': digest } };
const STATEMENT = { v: one, chain: text, record: digest, status: is(...STATUSES), version: from(1), height: from(1), time };
const words = length => v => text(v) && v.length > 0 && v.length <= length;
const seconds = v => from(0)(v) && v <= 253_402_300_799;
const CLAIMS = {
  iss: words(256), vct: words(200), ledger: words(128), jti: words(128), iat: seconds, 'exp?': seconds, 'sub?': words(128),
  'status?': { status_list: { idx: from(0), uri: text } },
};
const CLAIM_NAMES = Object.keys(CLAIMS).map(name => name.replace('?', ''));
const REJECTED = v => Array.isArray(v) && v.length === 2 && from(1)(v[0]) && text(v[1]);
const BUNDLE = {
  v: one, record: text, issuer: JWK, entry: ENTRY, path: [digest], header: HEADER, previousResults: digest, rejected: [REJECTED], commit: COMMIT,
  sets: [{ header: HEADER, commit: COMMIT, next: [MEMBER] }],
  'status?': { statement: STATEMENT, header: HEADER, commit: COMMIT, signatures: SIGNATURES },
};
const GENESIS = {
  v: one, name: text, time, parameters: { rpId: text, origins: [text], persons: object },
  validators: [{ name: text, address: text, power: from(1), keys: { consensus: JWK, ...OTHER_KEYS } }],
  operators: [{ pseudonym: text, jwk: JWK }], hosts: [{ name: text, receipt: JWK, status: JWK, transport: JWK }],
};

/** Whether the coordinates are a point of P-256 (FIPS 186-5): a key that could sign something. */
function onCurve({ x, y }) {
  const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
  const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
  const [X, Y] = [x, y].map(c => BigInt(`0x${hex(unbase64url(c))}`));
  return X < p && Y < p && (Y * Y - X * X * X + 3n * X - b) % p === 0n;
}

/** The path of the first thing that does not have its form; null when all has. */
export function misfit(value, form, path) {
  if (typeof form === 'function') return form(value) ? null : path;
  if (Array.isArray(form)) {
    return Array.isArray(value) ? first(value.map((item, i) => () => misfit(item, form[0], `${path}[${i}]`))) : path;
  }
  if (!object(value)) return path;
  const names = Object.keys(form).map(name => name.replace('?', ''));
  const unknown = Object.keys(value).find(name => !names.includes(name));
  if (unknown !== undefined) return `${path}.${unknown}`;
  return first(Object.entries(form).map(([name, inner]) => () => {
    const plain = name.replace('?', '');
    if (!Object.hasOwn(value, plain)) return plain === name ? `${path}.${plain}` : null;
    return misfit(value[plain], inner, `${path}.${plain}`);
  }));
}

function first(attempts) {
  for (const attempt of attempts) {
    const found = attempt();
    if (found !== null) return found;
  }
  return null;
}

/** A version that is there but not 1 says only that this verifier is too old, so it is looked for before the form. */
const foreign = parts => parts.some(part => object(part) && Object.hasOwn(part, 'v') && part.v !== 1);

/** A part that lacks its form fails as that part; what has no check of its own fails as `members`. */
const PART_CODES = { record: 'issuer-signature', issuer: 'issuer-key', entry: 'entry', path: 'inclusion', previousResults: 'results', rejected: 'results', sets: 'set-chain' };

async function readForm(bytes, genesis, whole) {
  demand(!foreign([genesis]), 'version');
  if (!whole) throw new Refusal('chain', 'The genesis file is not one.', true);
  const bundle = bytes.length > BUNDLE_BYTES_MAX ? undefined : parse(bytes);
  demand(object(bundle), 'not-json');
  demand(same(utf8(canonical(bundle)), bytes), 'not-canonical');
  const sets = Array.isArray(bundle.sets) ? bundle.sets : [];
  const parts = [bundle, ...[bundle, ...sets, bundle.status].flatMap(p => [p?.header, p?.entry, p?.commit, p?.statement])];
  demand(!foreign(parts), 'version');
  const wrong = misfit(bundle, BUNDLE, 'bundle');
  const part = wrong?.split(/[.[]/)[1];
  demand(wrong === null, (Object.hasOwn(bundle, part) && PART_CODES[part]) || 'members', `${CODES.members} First: ${wrong}.`);
  return bundle;
}

// ---- keys and signatures

const thumbprint = async ({ crv, kty, x, y }) => base64url(await sha256(utf8(canonical({ crv, kty, x, y }))));

// A key is imported once, however many signatures it made. What is not a key stays a promise that fails.
const imported = new Map();

async function signed({ kty, crv, x, y }, signature, message) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  try {
    const name = `${x}.${y}`;
    if (imported.size > 256) imported.clear();
    if (!imported.has(name)) imported.set(name, subtle.importKey('jwk', { kty, crv, x, y }, algorithm, false, ['verify']));
    return await subtle.verify(algorithm, await imported.get(name), signature, message);
  } catch {
    return false; // A point that is not on the curve.
  }
}

/** Power behind a list of signatures, each of which must be valid, by a known signer, in ascending order of kid. */
async function powerOf(signatures, signers, message, code) {
  let sum = 0n;
  let last = '';
  for (const { kid, sig } of signatures) {
    const signer = signers.get(kid);
    demand(signer && last < kid && await signed(signer.jwk, unbase64url(sig), message), code, `${CODES[code]} It is that of ${kid}.`);
    sum += BigInt(signer.power);
    last = kid;
  }
  return sum;
}

// ---- validators: who they are at which height

/** A set as it is hashed and looked up: members ascending by kid. */
async function validatorSet(members) {
  const sorted = [...members].sort((a, b) => (a.kid < b.kid ? -1 : 1));
  const total = sorted.reduce((n, m) => n + BigInt(m.power), 0n);
  return { byKid: new Map(sorted.map(m => [m.kid, m])), members: sorted, total, hash: hex(await sha256(utf8(canonical(sorted)))) };
}

export async function genesisSet(genesis) {
  return validatorSet(await Promise.all(genesis.validators.map(async ({ power, keys: { consensus, ...keys } }) =>
    ({ kid: await thumbprint(consensus), jwk: consensus, power, keys }))));
}

export async function checkSeal(chain, header, commit, set) {
  demand(header.chain === chain, 'chain', `Block ${header.height} is not of the chain ${chain}.`);
  demand(header.validators === set.hash, 'header', `Block ${header.height} is of other validators than those that follow from the genesis file.`);
  const block = hex(await sha256(utf8(canonical(header))));
  demand(commit.block === block && commit.height === header.height, 'header');
  const vote = canonical({ chain: header.chain, height: commit.height, round: commit.round, step: 'precommit', block });
  const sum = await powerOf(commit.signatures, set.byKid, utf8(vote), 'commit');
  demand(3n * sum > 2n * set.total, 'quorum');
  return `Block ${header.height} of ${header.time}: ${commit.signatures.length} of ${set.members.length} validators signed.`;
}

/** Walks from the genesis set through every sealed change, each signed by the set before it; fills the history as far as it holds. */
export async function walkSets(chain, { sets }, history) {
  for (const { header, commit, next } of sets) {
    const { set, above } = history.at(-1);
    const kids = await Promise.all(next.map(m => thumbprint(m.jwk)));
    demand(next.length > 0 && next.length <= SET_MEMBERS_MAX && next.every((m, i) => m.kid === kids[i] && (i === 0 || kids[i - 1] < m.kid)), 'set-chain', 'A set of validators is not one.');
    demand(header.height > above, 'set-chain', 'The changes of validators are not in order.');
    await checkSeal(chain, header, commit, set);
    const following = await validatorSet(next);
    demand(header.nextValidators === following.hash && following.hash !== set.hash, 'set-chain', 'A block does not name the validators after it.');
    history.push({ above: header.height, set: following });
  }
  return `${sets.length} change(s) of validators since the genesis file.`;
}

export const setAt = (history, height) => history.findLast(h => h.above < height).set;

// ---- the record

/** Takes the record apart: JWT, then each disclosure with a ~ after it. A part that cannot be read comes back undefined. */
function readRecord(record) {
  const [jwt, ...rest] = record.split('~');
  const disclosures = rest.slice(0, -1);
  const parts = jwt.split('.');
  const [header, payload, signature] = parts.map(unbase64url);
  return {
    jwt, disclosures, signature, message: utf8(parts.slice(0, 2).join('.')), header: header ? parse(header) : undefined, payload: payload ? parse(payload) : undefined,
    whole: rest.at(-1) === '' && parts.length === 3 && signature?.length === 64 && jwt.length <= JWT_CHARS_MAX && disclosures.length <= DISCLOSURES_MAX,
  };
}

async function checkIssuer(record, issuer) {
  const { alg, kid, typ } = record.header ?? {};
  demand(record.whole && object(record.header) && object(record.payload), 'issuer-signature', 'The record is not a signed SD-JWT of this ledger\'s form.');
  demand(alg === 'ES256' && typ === 'dc+sd-jwt' && text(kid) && Object.keys(record.header).length === 3, 'issuer-signature', 'The JWT\'s header is not a record\'s.');
  demand(kid === await thumbprint(issuer), 'issuer-key');
  demand(await signed(issuer, record.signature, record.message), 'issuer-signature');
  return `Signed by ${record.payload.iss} with key ${kid}.`;
}

/** RFC 9901 section 7.1: every disclosure matches exactly one digest. Gives the payload with the disclosed values in their places. */
async function disclose({ payload, disclosures }) {
  demand(object(payload) && (payload._sd_alg === undefined || payload._sd_alg === 'sha-256'), 'disclosure');
  const open = new Map();
  for (const disclosure of disclosures) {
    const bytes = unbase64url(disclosure);
    const value = bytes ? parse(bytes) : undefined;
    demand(Array.isArray(value) && [2, 3].includes(value.length) && value.slice(0, -1).every(text), 'disclosure');
    open.set(base64url(await sha256(utf8(disclosure))), value);
  }
  demand(open.size === disclosures.length, 'disclosure', 'A disclosure is there twice.');
  const seen = new Set();
  const take = (key, length) => {
    demand(text(key) && !seen.has(key), 'disclosure', 'A digest is there twice.');
    seen.add(key);
    const found = open.get(key);
    demand(!found || found.length === length, 'disclosure');
    open.delete(key);
    return found;
  };
  const walk = (value, top, depth) => {
    // Disclosures may nest in one another without bound, the stack may not.
    demand(depth <= 128, 'disclosure');
    if (Array.isArray(value)) return value.flatMap(item => {
      if (!object(item) || !Object.hasOwn(item, '...')) return [walk(item, false, depth + 1)];
      demand(Object.keys(item).length === 1, 'disclosure');
      const found = take(item['...'], 2);
      return found ? [walk(found[1], false, depth + 1)] : [];
    });
    if (!object(value)) return value;
    const { _sd: digests = [], ...plain } = value;
    if (top) delete plain._sd_alg;
    demand(Array.isArray(digests) && !Object.hasOwn(plain, '...'), 'disclosure');
    // Without a prototype, so that a claim named __proto__ is a claim like any other.
    const claims = Object.assign(Object.create(null), Object.fromEntries(Object.entries(plain).map(([name, item]) => [name, walk(item, false, depth + 1)])));
    for (const key of digests) {
      const [, name, item] = take(key, 3) ?? [];
      if (name === undefined) continue;
      demand(!['_sd', '...'].includes(name) && !Object.hasOwn(claims, name) && !(top && NEVER_DISCLOSED.includes(name)), 'disclosure');
      claims[name] = walk(item, false, depth + 1);
    }
    return claims;
  };
  const claims = walk(payload, true, 1);
  demand(open.size === 0, 'disclosure');
  return claims;
}

function checkEntry(chain, { entry }, { jwt, payload }, bytes) {
  const { iss, iat, ledger } = payload ?? {};
  demand(bytes.length <= ENTRY_BYTES_MAX && entry.type === 'submission_accepted', 'entry');
  demand(entry.data.record === jwt, 'record-mismatch');
  demand(misfit(Object.fromEntries(Object.entries(payload ?? {}).filter(([name]) => CLAIM_NAMES.includes(name))), CLAIMS, '') === null, 'entry',
    'The record lacks a claim that every record has.');
  demand(entry.actor === iss, 'entry', 'The entry names another issuer.');
  demand(iat * 1000 <= Date.parse(entry.time) + IAT_AHEAD_MS, 'entry', 'The record is dated after its entry.');
  demand(ledger === chain, 'chain', `The record was made for ${ledger}, not for ${chain}.`);
  return `Entry ${entry.seq}, version ${entry.version} of its stream, taken in at ${entry.time}.`;
}

// ---- the tree and the results

/** RFC 9162 section 2.1.3.2. Sizes may exceed 32 bits, so no bit operators. */
async function checkInclusion({ entry, header, path }, leaf) {
  demand(header.first <= entry.seq && entry.seq <= header.size, 'header', 'The block does not hold this entry.');
  const half = n => Math.floor(n / 2);
  let [index, last, node] = [entry.seq - 1, header.size - 1, leaf];
  for (const step of path) {
    demand(last > 0, 'inclusion');
    const sibling = unhex(step);
    if (index % 2 === 1 || index === last) {
      node = await sha256([1], sibling, node);
      while (index % 2 === 0 && index !== 0) [index, last] = [half(index), half(last)];
    } else {
      node = await sha256([1], node, sibling);
    }
    [index, last] = [half(index), half(last)];
  }
  demand(last === 0 && hex(node) === header.root, 'inclusion');
  return `Leaf ${entry.seq - 1} of ${header.size} in the tree with root ${header.root}.`;
}

async function checkResults({ entry, header, previousResults, rejected }) {
  const seqs = rejected.map(([seq]) => seq);
  demand(seqs.every((seq, i) => seq >= header.first && seq <= header.size && (i === 0 || seqs[i - 1] < seq)), 'results');
  demand(hex(await sha256(unhex(previousResults), utf8(canonical(rejected)))) === header.results, 'results');
  const found = rejected.find(([seq]) => seq === entry.seq);
  demand(!found, 'rejected', `The validators rejected this entry: ${found?.[1]}.`);
  return 'The validators accepted this entry.';
}

// ---- the status

async function checkStatus(chain, { entry, header: sealed, status }, payload, leaf, history) {
  demand(object(payload) && Object.hasOwn(payload, 'status'), 'members', 'A status for a record that has none.');
  const { statement, header, commit, signatures } = status;
  demand(statement.chain === chain && statement.record === hex(leaf) && statement.version >= entry.version, 'status-record');
  const set = setAt(history, header.height);
  await checkSeal(chain, header, commit, set);
  demand(statement.height === header.height && statement.time === header.time && header.height >= sealed.height, 'status-height');
  const signers = new Map();
  for (const member of set.members) if (member.keys.status) signers.set(await thumbprint(member.keys.status), { jwk: member.keys.status, power: member.power });
  const sum = await powerOf(signatures, signers, utf8(canonical(statement)), 'status-signature');
  demand(3n * sum > 2n * set.total, 'status-signature', 'Not more than two thirds of the voting power signed the status.');
  return `${statement.status} as of ${statement.time} (block ${statement.height}), signed by ${signatures.length} of ${set.members.length} validators.`;
}

// A change beyond the blocks in use proves nothing, and could hide what it does prove.
function checkSetsUsed({ header, sets, status }) {
  const highest = Math.max(header.height, status?.header.height ?? 0);
  demand(sets.every(s => s.header.height < highest), 'set-chain', 'A change of validators lies beyond the blocks in use.');
  return 'Every change of validators is in use.';
}

// ---- all of it

export function readGenesis(bytes) {
  const genesis = parse(bytes);
  const whole = object(genesis) && same(utf8(canonical(genesis)), bytes) && misfit(genesis, GENESIS, 'genesis') === null;
  return { genesis, whole };
}

export async function verify(bundleBytes, genesisBytes, { requireValid = false } = {}) {
  const checks = [];
  const refusals = [];
  const details = {};
  const check = async (name, body) => {
    try {
      checks.push({ name, ok: true, text: await body() });
    } catch (e) {
      if (!(e instanceof Refusal)) throw e;
      refusals.push(e);
      checks.push({ name, ok: e.open ? null : false, text: e.message });
    }
  };
  const { genesis, whole } = readGenesis(genesisBytes);
  let bundle;
  await check('form', async () => {
    bundle = await readForm(bundleBytes, genesis, whole);
    return 'A proof bundle of version 1.';
  });
  if (bundle) {
    const chain = `${genesis.name}-${hex(await sha256(genesisBytes)).slice(0, 16)}`;
    const record = readRecord(bundle.record);
    const entryBytes = utf8(canonical(bundle.entry));
    const leaf = await sha256([0], entryBytes);
    const history = [{ above: 0, set: await genesisSet(genesis) }];
    await check('issuer', () => checkIssuer(record, bundle.issuer));
    await check('content', async () => {
      details.claims = await disclose(record);
      return `${record.disclosures.length} value(s) disclosed, each as signed.`;
    });
    await check('entry', () => checkEntry(chain, bundle, record, entryBytes));
    await check('validators', () => walkSets(chain, bundle, history));
    await check('seal', () => checkSeal(chain, bundle.header, bundle.commit, setAt(history, bundle.header.height)));
    await check('inclusion', () => checkInclusion(bundle, leaf));
    await check('results', () => checkResults(bundle));
    if (bundle.status) {
      await check('status', () => checkStatus(chain, bundle, record.payload, leaf, history));
      details.status = (({ status, height, time, version }) => ({ value: status, height, time, version }))(bundle.status.statement);
    } else if (object(record.payload) && Object.hasOwn(record.payload, 'status')) {
      await check('status', () => demand(false, 'status-missing'));
    }
    await check('changes', () => checkSetsUsed(bundle));
    const { height, time, size } = bundle.header;
    details.sealed = { height, time, size, signatures: bundle.commit.signatures.length };
  }
  return verdictOf(refusals, checks, details, requireValid);
}

/** What disproves wins over what is only unknown; details of a bundle that is refused are not handed out. */
function verdictOf(refusals, checks, details, requireValid) {
  const { code, open } = refusals.find(r => !r.open) ?? refusals[0] ?? {};
  if (code) return { verdict: open ? 'cannot-tell' : 'not-authentic', code, exit: open ? 2 : 1, checks, ...(open ? details : {}) };
  const status = details.status?.value ?? 'valid';
  return { verdict: 'authentic', code: status === 'valid' ? 'ok' : status, exit: requireValid && status !== 'valid' ? 1 : 0, checks, ...details };
}

// ---- the command line, in Node only

async function main(argv) {
  const { readFile } = await import('node:fs/promises');
  const at = argv.indexOf('--genesis');
  const flags = ['--json', '--require-valid'].filter(flag => argv.includes(flag));
  const files = argv.filter((arg, i) => !flags.includes(arg) && (at < 0 || (i !== at && i !== at + 1)));
  if (files.length !== 1 || files[0].startsWith('--') || at < 0 || argv[at + 1] === undefined) {
    console.error('node verify.mjs BUNDLE --genesis FILE [--json] [--require-valid]');
    return 2;
  }
  let bytes;
  try {
    bytes = await Promise.all([files[0], argv[at + 1]].map(async file => new Uint8Array(await readFile(file))));
  } catch (e) {
    console.error(e.message);
    return 2;
  }
  const result = await verify(...bytes, { requireValid: flags.includes('--require-valid') });
  if (flags.includes('--json')) {
    console.log(JSON.stringify(result, null, 2));
  } else {
    console.log(`${result.verdict} (${result.code}): ${CODES[result.code]}`);
    for (const { name, ok, text } of result.checks) console.log(`  ${ok ? 'ok  ' : 'FAIL'} ${name}: ${text}`);
  }
  return result.exit;
}

if (typeof process !== 'undefined' && process.versions?.node && process.argv[1]) {
  const [{ realpathSync }, { fileURLToPath }] = await Promise.all([import('node:fs'), import('node:url')]);
  if (fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
    // Node would end with 1 on an error of our own, and 1 means that the bundle is not authentic.
    process.exitCode = await main(process.argv.slice(2)).catch(e => (console.error(e), 2));
  }
}
