#!/usr/bin/env node
// The light verifier: judges a proof bundle with nothing but the genesis file. No network, no clock, no dependencies;
// WebCrypto only, so that the same file runs in a browser page and in Node 20:
//
//   node verify.mjs BUNDLE --genesis FILE [--json] [--require-valid]        exit 0 authentic · 1 not-authentic · 2 cannot-tell
//
// verify(bundleBytes, genesisBytes, {requireValid}) answers {verdict, code, exit, checks: [{name, ok, text}], status?, sealed?, claims?}.
// The checks run in the order of CODES and `code` is that of the first one that failed, so that every implementation names the same.
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
  'issuer-signature': 'The issuer did not sign this record.',
  'disclosure': 'A disclosed value matches no digest in the signed record, or breaks the rules of RFC 9901.',
  'entry': 'The sealed entry is not one that could hold this record.',
  'record-mismatch': 'The sealed entry holds another record.',
  'inclusion': 'The entry is not in the sealed tree.',
  'results': 'The list of rejected entries is not the sealed one.',
  'rejected': 'The validators rejected this entry.',
  'set-chain': 'The validators do not follow from the genesis file.',
  'header': 'The commit is for another block.',
  'commit': 'A validator\'s signature under a block is not valid.',
  'quorum': 'Not more than two thirds of the voting power signed.',
  'status-record': 'The status is of another record.',
  'status-height': 'The status is not as of the block that comes with it, or is older than the seal.',
  'status-signature': 'A validator\'s signature under the status is not valid.',
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
const ENTRY_BYTES_MAX = 60_000;
const IAT_AHEAD_MS = 5 * 60_000;
// What every reader must see is never behind a disclosure (SD-JWT VC section 3.2.2.2, and the ledger's own claims).
const NEVER_DISCLOSED = ['iss', 'vct', 'ledger', 'jti', 'iat', 'nbf', 'exp', 'cnf', 'status'];

class Refusal extends Error {
  constructor(code, text) {
    super(text ?? CODES[code]);
    this.code = code;
  }
}
const demand = (ok, code, text) => { if (!ok) throw new Refusal(code, text); };

// ---- bytes and text

const utf8 = text => new TextEncoder().encode(text);
const textOf = bytes => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest('SHA-256', join(parts)));
const hex = bytes => Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('');
const unhex = text => Uint8Array.from(text.match(/../g), pair => parseInt(pair, 16));
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
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
function parse(bytes) {
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
const object = v => v !== null && typeof v === 'object' && !Array.isArray(v);
const from = min => v => Number.isSafeInteger(v) && v >= min;
const digest = v => text(v) && /^[0-9a-f]{64}$/.test(v);
const encoded = length => v => unbase64url(v)?.length === length;
const time = v => text(v) && /^\d{4}(-\d\d){2}T\d\d(:\d\d){2}\.\d{3}Z$/.test(v) && Date.parse(v) >= 0 && new Date(v).toISOString() === v;
const one = v => v === 1;
const is = (...words) => v => words.includes(v);

const JWK = jwk => misfit(jwk, { crv: is('P-256'), kty: is('EC'), x: encoded(32), y: encoded(32) }, '') === null && onCurve(jwk);
const OTHER_KEYS = { 'checkpoint?': JWK, 'receipt?': JWK, 'status?': JWK, 'transport?': JWK, 'share?': JWK };
const MEMBER = { kid: text, jwk: JWK, power: from(1), keys: OTHER_KEYS };
const SIGNATURES = [{ kid: text, sig: text }];
const COMMIT = { v: one, height: from(1), round: from(0), block: digest, signatures: SIGNATURES };
const HEADER = {
  v: one, chain: text, height: from(1), prev: digest, time, first: from(1), size: from(0), root: digest, results: digest, state: digest,
  validators: digest, nextValidators: digest, proposer: text,
};
const ENTRY = { v: one, seq: from(1), stream: text, version: from(1), type: text, time, actor: text, data: object };
const STATEMENT = { v: one, chain: text, record: digest, status: is(...STATUSES), version: from(1), height: from(1), time };
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
function misfit(value, form, path) {
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

async function readForm(bytes, genesis) {
  const bundle = parse(bytes);
  demand(bundle !== undefined, 'not-json');
  demand(same(utf8(canonical(bundle)), bytes), 'not-canonical');
  const sets = Array.isArray(bundle?.sets) ? bundle.sets : [];
  const parts = [bundle, bundle?.header, bundle?.commit, bundle?.entry, ...sets.flatMap(s => [s?.header, s?.commit]),
    bundle?.status?.statement, bundle?.status?.header, bundle?.status?.commit];
  demand(!foreign([...parts, genesis]), 'version');
  const wrong = misfit(bundle, BUNDLE, 'bundle');
  demand(wrong === null, 'members', `${CODES.members} First: ${wrong}.`);
  const headers = [bundle.header, ...bundle.sets.map(s => s.header), ...(bundle.status ? [bundle.status.header] : [])];
  demand(headers.every(h => h.first <= h.size + 1), 'members');
  for (const { next } of bundle.sets) {
    const kids = await Promise.all(next.map(m => thumbprint(m.jwk)));
    demand(next.length > 0 && next.every((m, i) => m.kid === kids[i] && (i === 0 || kids[i - 1] < m.kid)), 'members', 'A set of validators is not one.');
  }
  return bundle;
}

// ---- keys and signatures

const thumbprint = async ({ crv, kty, x, y }) => base64url(await sha256(utf8(canonical({ crv, kty, x, y }))));

async function signed({ kty, crv, x, y }, signature, message) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  try {
    const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, false, ['verify']);
    return await crypto.subtle.verify(algorithm, key, signature, message);
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

async function genesisSet(genesis) {
  return validatorSet(await Promise.all(genesis.validators.map(async ({ power, keys: { consensus, ...keys } }) =>
    ({ kid: await thumbprint(consensus), jwk: consensus, power, keys }))));
}

async function checkSeal(header, commit, set) {
  demand(header.validators === set.hash, 'set-chain', `The set at height ${header.height} is not the one that follows from the genesis file.`);
  const block = hex(await sha256(utf8(canonical(header))));
  demand(commit.block === block && commit.height === header.height, 'header');
  const vote = canonical({ chain: header.chain, height: commit.height, round: commit.round, step: 'precommit', block });
  const sum = await powerOf(commit.signatures, set.byKid, utf8(vote), 'commit');
  demand(3n * sum > 2n * set.total, 'quorum');
  return `Block ${header.height} of ${header.time}: ${commit.signatures.length} of ${set.members.length} validators signed.`;
}

/** Walks from the genesis set through every sealed change, each signed by the set before it; fills the history as far as it holds. */
async function walkSets(bundle, history) {
  const highest = Math.max(bundle.header.height, bundle.status?.header.height ?? 0);
  for (const { header, commit, next } of bundle.sets) {
    const { set, above } = history.at(-1);
    demand(header.height > above && header.height <= highest, 'set-chain', 'The changes of validators are not in order.');
    await checkSeal(header, commit, set);
    const following = await validatorSet(next);
    demand(header.nextValidators === following.hash && following.hash !== set.hash, 'set-chain');
    history.push({ above: header.height, set: following });
  }
  return `${bundle.sets.length} change(s) of validators since the genesis file.`;
}

const setAt = (history, height) => history.findLast(h => h.above < height).set;

// ---- the record

/** Takes the record apart; a part that is not canonical base64url or not strict JSON comes back empty and fails its own check. */
function readRecord(record) {
  const [jwt, ...disclosures] = record.split('~');
  const parts = jwt.split('.');
  const bytes = parts.map(unbase64url);
  return {
    jwt, disclosures, message: utf8(parts.slice(0, 2).join('.')), signature: bytes[2], whole: parts.length === 3 && bytes.every(b => b !== null),
    header: bytes[0] ? parse(bytes[0]) : undefined, payload: bytes[1] ? parse(bytes[1]) : undefined,
  };
}

async function checkIssuer(record, issuer) {
  demand(record.whole && object(record.header) && object(record.payload), 'issuer-signature', 'The record is not a signed JWT.');
  const { alg, kid, typ } = record.header;
  demand(kid === await thumbprint(issuer), 'issuer-key');
  demand(alg === 'ES256' && typ === 'dc+sd-jwt' && Object.keys(record.header).length === 3, 'issuer-signature', 'The JWT\'s header is not a record\'s.');
  demand(await signed(issuer, record.signature, record.message), 'issuer-signature');
  return `Signed by ${record.payload.iss} with key ${kid}.`;
}

/** RFC 9901 section 7.1: every disclosure matches exactly one digest. Gives the payload with the disclosed values in their places. */
async function disclose({ payload, disclosures }) {
  demand(disclosures.pop() === '', 'disclosure', 'The record does not end in ~.');
  demand(object(payload) && (payload._sd_alg ?? 'sha-256') === 'sha-256', 'disclosure');
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
  const walk = (value, top) => {
    if (Array.isArray(value)) return value.flatMap(item => {
      if (!object(item) || !Object.hasOwn(item, '...')) return [walk(item, false)];
      demand(Object.keys(item).length === 1, 'disclosure');
      const found = take(item['...'], 2);
      return found ? [walk(found[1], false)] : [];
    });
    if (!object(value)) return value;
    const { _sd: digests = [], ...plain } = value;
    if (top) delete plain._sd_alg;
    demand(Array.isArray(digests) && !Object.hasOwn(plain, '...'), 'disclosure');
    // Without a prototype, so that a claim named __proto__ is a claim like any other.
    const claims = Object.assign(Object.create(null), Object.fromEntries(Object.entries(plain).map(([name, item]) => [name, walk(item, false)])));
    for (const key of digests) {
      const [, name, item] = take(key, 3) ?? [];
      if (name === undefined) continue;
      demand(!['_sd', '...'].includes(name) && !Object.hasOwn(claims, name) && !(top && NEVER_DISCLOSED.includes(name)), 'disclosure');
      claims[name] = walk(item, false);
    }
    return claims;
  };
  const claims = walk(payload, true);
  demand(open.size === 0, 'disclosure');
  return claims;
}

function checkEntry({ entry, header }, { jwt, payload }, bytes) {
  const { iss, iat, vct, jti } = payload ?? {};
  demand(bytes.length <= ENTRY_BYTES_MAX && entry.type === 'submission_accepted' && /^record-[0-9a-f]{64}$/.test(entry.stream), 'entry');
  demand(text(iss) && text(vct) && text(jti) && from(0)(iat), 'entry', 'The record lacks a claim that every record has.');
  demand(entry.actor === iss, 'entry', 'The entry names another issuer.');
  demand(iat * 1000 <= Date.parse(entry.time) + IAT_AHEAD_MS, 'entry', 'The record is dated after its entry.');
  demand(entry.data.record === jwt, 'record-mismatch');
  return `Entry ${entry.seq}, version ${entry.version} of its stream, taken in at ${entry.time}.`;
}

// ---- the tree and the results

/** RFC 9162 section 2.1.3.2. Sizes may exceed 32 bits, so no bit operators. */
async function checkInclusion({ entry, header, path }, leaf) {
  demand(header.first <= entry.seq && entry.seq <= header.size, 'inclusion', 'The block does not hold this entry.');
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

async function checkStatus({ entry, header: sealed, status }, leaf, history) {
  const { statement, header, commit, signatures } = status;
  await checkSeal(header, commit, setAt(history, header.height));
  demand(statement.record === hex(leaf) && statement.version >= entry.version, 'status-record');
  demand(statement.height === header.height && statement.time === header.time && header.height >= sealed.height, 'status-height');
  const set = setAt(history, header.height);
  const signers = new Map();
  for (const { power, keys } of set.members) if (keys.status) signers.set(await thumbprint(keys.status), { jwk: keys.status, power });
  const sum = await powerOf(signatures, signers, utf8(canonical(statement)), 'status-signature');
  demand(3n * sum > 2n * set.total, 'quorum', 'Not more than two thirds of the voting power signed the status.');
  return `${statement.status} as of ${statement.time} (block ${statement.height}), signed by ${signatures.length} of ${set.members.length} validators.`;
}

// ---- all of it

function readGenesis(bytes) {
  const genesis = parse(bytes);
  const whole = object(genesis) && same(utf8(canonical(genesis)), bytes) && misfit(genesis, GENESIS, 'genesis') === null;
  return { genesis, whole };
}

function checkChain(chain, whole, bundle, record) {
  const { header, sets, status } = bundle;
  const named = [header.chain, ...sets.map(s => s.header.chain), ...(status ? [status.header.chain, status.statement.chain] : [])];
  demand(whole, 'chain', 'The genesis file is not one.');
  demand(named.every(name => name === chain), 'chain', `A part of the bundle is not of the chain ${chain}.`);
  demand(!object(record.payload) || record.payload.ledger === chain, 'chain', `The record was not made for the chain ${chain}.`);
  return `Of the chain ${chain}.`;
}

export async function verify(bundleBytes, genesisBytes, { requireValid = false } = {}) {
  const checks = [];
  const codes = [];
  const check = async (name, body) => {
    try {
      checks.push({ name, ok: true, text: await body() });
    } catch (e) {
      if (!(e instanceof Refusal)) throw e;
      codes.push(e.code);
      checks.push({ name, ok: false, text: e.message });
    }
  };
  let details = {};
  const { genesis, whole } = readGenesis(genesisBytes);
  let bundle;
  await check('form', async () => { bundle = await readForm(bundleBytes, genesis); return 'A proof bundle of version 1.'; });
  if (bundle) {
    const record = readRecord(bundle.record);
    const entryBytes = utf8(canonical(bundle.entry));
    const leaf = await sha256([0], entryBytes);
    const chain = `${genesis?.name}-${hex(await sha256(genesisBytes)).slice(0, 16)}`;
    await check('chain', () => checkChain(chain, whole, bundle, record));
    await check('issuer', () => checkIssuer(record, bundle.issuer));
    const disclosed = record.disclosures.length - 1;
    await check('content', async () => {
      details.claims = await disclose(record);
      return `${disclosed} value(s) disclosed, each as signed.`;
    });
    await check('entry', () => checkEntry(bundle, record, entryBytes));
    await check('inclusion', () => checkInclusion(bundle, leaf));
    await check('results', () => checkResults(bundle));
    if (whole) {
      const history = [{ above: 0, set: await genesisSet(genesis) }];
      await check('validators', () => walkSets(bundle, history));
      await check('seal', () => checkSeal(bundle.header, bundle.commit, setAt(history, bundle.header.height)));
      if (bundle.status) {
        await check('status', () => checkStatus(bundle, leaf, history));
      } else if (object(record.payload) && Object.hasOwn(record.payload, 'status')) {
        await check('status', () => demand(false, 'status-missing'));
      }
    }
    const { height, time, size } = bundle.header;
    details.sealed = { height, time, size, signatures: bundle.commit.signatures.length };
    if (bundle.status) details.status = (({ status, height, time, version }) => ({ value: status, height, time, version }))(bundle.status.statement);
  }
  return verdictOf(codes, checks, details, requireValid);
}

/** What disproves wins over what is only unknown; details that were not proved are not handed out. */
function verdictOf(codes, checks, details, requireValid) {
  const code = codes.find(c => !CANNOT_TELL.includes(c)) ?? codes[0];
  if (code) {
    const open = CANNOT_TELL.includes(code);
    return { verdict: open ? 'cannot-tell' : 'not-authentic', code, exit: open ? 2 : 1, checks, ...(open ? details : {}) };
  }
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
