// Makes proof bundles of a ledger of its own, with fresh keys: good ones, and ones that are wrong in exactly one way but signed by
// everybody who would have to sign. What the formats are: docs/formats.md.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { canonical } from '../../src/Web/wwwroot/verify.mjs';

export const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts.map(p => Buffer.from(p)))).digest();
export const hex = (...parts) => sha256(...parts).toString('hex');
const b64 = value => Buffer.from(value).toString('base64url');
const ZERO = '0'.repeat(64);
const PURPOSES = ['checkpoint', 'receipt', 'status', 'transport', 'share'];

export function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
  const jwk = { crv, kty, x, y };
  return { jwk, kid: b64(sha256(canonical(jwk))), sign: bytes => b64(sign('sha256', Buffer.from(bytes), { key: privateKey, dsaEncoding: 'ieee-p1363' })) };
}

// ---- the tree, by RFC 9162's own recursion, so that it shares nothing with the verifier's loop

const leafHash = entry => sha256([0], canonical(entry));
const split = n => 2 ** (Math.ceil(Math.log2(n)) - 1);
export const root = leaves => leaves.length === 0 ? sha256('') : leaves.length === 1 ? leaves[0]
  : sha256([1], root(leaves.slice(0, split(leaves.length))), root(leaves.slice(split(leaves.length))));
export function inclusion(index, leaves) {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return index < k ? [...inclusion(index, leaves.slice(0, k)), root(leaves.slice(k))]
    : [...inclusion(index - k, leaves.slice(k)), root(leaves.slice(0, k))];
}

// ---- records

export function disclosure(...values) {
  const text = b64(JSON.stringify([b64(randomBytes(16)), ...values]));
  return { text, digest: b64(sha256(text)) };
}

export function record(key, payload, disclosures = [], header = { alg: 'ES256', kid: key.kid, typ: 'dc+sd-jwt' }) {
  const input = `${b64(JSON.stringify(header))}.${b64(typeof payload === 'string' ? payload : JSON.stringify(payload))}`;
  return `${input}.${key.sign(input)}~${disclosures.map(d => `${d.text}~`).join('')}`;
}

// ---- a ledger

export class TestLedger {
  constructor({ validators = 4, name = 'test', version = 1 } = {}) {
    this.validators = Array.from({ length: validators }, (_, i) => this.newValidator(`v${i + 1}`));
    this.genesis = canonical({
      v: version, name, time: '2026-01-01T00:00:00.000Z', parameters: { origins: ['https://ledger.example'], persons: {}, rpId: 'ledger.example' },
      validators: this.validators.map(({ name, power, consensus, keys }) => ({
        name, address: `${name}:9201`, power,
        keys: { consensus: consensus.jwk, ...Object.fromEntries(PURPOSES.map(p => [p, keys[p].jwk])) },
      })),
      operators: [newKey(), newKey()].map(({ jwk }) => ({ pseudonym: b64(randomBytes(16)), jwk })),
      hosts: [{ name: 'host', receipt: newKey().jwk, status: newKey().jwk, transport: newKey().jwk }],
    });
    this.chain = `${name}-${hex(this.genesis).slice(0, 16)}`;
    this.set = this.validators;
    this.source = newKey();
    this.entries = [];
    this.headers = [];
    this.changes = [];
    this.results = ZERO;
    this.append({ stream: 'ledger', version: 1, type: 'genesis', time: '2026-01-01T00:00:00.000Z', actor: 'genesis', data: JSON.parse(this.genesis) });
  }

  newValidator(name, power = 1) {
    return { name, power, consensus: newKey(), keys: Object.fromEntries(PURPOSES.map(p => [p, newKey()])) };
  }

  static members(validators) {
    return validators.map(({ power, consensus, keys }) => ({
      kid: consensus.kid, jwk: consensus.jwk, power, keys: Object.fromEntries(PURPOSES.map(p => [p, keys[p].jwk])),
    })).sort((a, b) => (a.kid < b.kid ? -1 : 1));
  }

  static setHash = validators => hex(canonical(TestLedger.members(validators)));

  time(height, ms = 0) {
    return new Date(Date.parse('2026-01-01T00:00:00.000Z') + height * 60_000 + ms).toISOString();
  }

  append(entry) {
    const whole = { v: 1, seq: this.entries.length + 1, ...entry };
    this.entries.push(whole);
    return whole;
  }

  payload(more = {}) {
    return {
      iss: 'https://agency.example/licences', vct: 'urn:eventledger:licence:1', ledger: this.chain, jti: b64(randomBytes(16)),
      iat: Date.parse(this.time(this.headers.length)) / 1000, number: `L-${this.entries.length}`, ...more,
    };
  }

  submit(sdjwt, more = {}) {
    const version = 1;
    return this.append({
      stream: `record-${hex(canonical([sdjwt, version]))}`, version, type: 'submission_accepted', time: this.time(this.headers.length, 30_000),
      actor: 'https://agency.example/licences', data: { record: sdjwt.split('~')[0], sidecar: hex('sidecar') }, ...more,
    });
  }

  /** Seals what was appended since; `next` names the validators of the block after. */
  seal({ rejected = [], next = this.set, change = {} } = {}) {
    const height = this.headers.length + 1;
    const previous = this.headers.at(-1)?.header;
    const previousResults = this.results;
    this.results = hex(Buffer.from(previousResults, 'hex'), canonical(rejected));
    const header = {
      v: 1, chain: this.chain, height, prev: previous ? hex(canonical(previous)) : hex(this.genesis), time: this.time(height),
      first: (previous?.size ?? 0) + 1, size: this.entries.length, root: root(this.entries.map(leafHash)).toString('hex'), results: this.results,
      state: ZERO, validators: TestLedger.setHash(this.set), nextValidators: TestLedger.setHash(next), proposer: this.set[0].consensus.kid, ...change,
    };
    const sealed = { header, commit: this.commit(header), previousResults, rejected, set: this.set };
    this.headers.push(sealed);
    if (next !== this.set) this.changes.push({ header, commit: sealed.commit, next: TestLedger.members(next) });
    this.set = next;
    return sealed;
  }

  commit(header, signers = this.set, { round = 0, height = header.height, block = hex(canonical(header)), step = 'precommit' } = {}) {
    const vote = canonical({ chain: header.chain, height, round, step, block });
    return { v: 1, height, round, block, signatures: this.sign(vote, signers.map(s => s.consensus)) };
  }

  sign(message, keys) {
    return keys.map(key => ({ kid: key.kid, sig: key.sign(message) })).sort((a, b) => (a.kid < b.kid ? -1 : 1));
  }

  status(entry, { header, commit, set } = this.headers.at(-1), change = {}, keys = set.map(v => v.keys.status)) {
    const statement = {
      v: 1, chain: this.chain, record: leafHash(entry).toString('hex'), status: 'valid', version: entry.version, height: header.height,
      time: header.time, ...change,
    };
    return { statement, header, commit, signatures: this.sign(canonical(statement), keys) };
  }

  bundle(sdjwt, entry, change = {}) {
    const { header, commit, previousResults, rejected } = this.headers.find(s => s.header.size >= entry.seq);
    const top = Math.max(header.height, change.status?.header.height ?? 0);
    return {
      v: 1, record: sdjwt, issuer: this.source.jwk, entry,
      path: inclusion(entry.seq - 1, this.entries.slice(0, header.size).map(leafHash)).map(h => h.toString('hex')),
      header, previousResults, rejected, commit, sets: this.changes.filter(c => c.header.height < top), ...change,
    };
  }
}
