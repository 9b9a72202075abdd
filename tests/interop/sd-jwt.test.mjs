// @sd-jwt/sd-jwt-vc judges our records: those in tests/vectors/records/*.json, which C# made, and those named by the variable RECORDS.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { ES256, digest } from '@sd-jwt/crypto-nodejs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

const folder = new URL('../vectors/records/', import.meta.url);
const files = [...readdirSync(folder).map(name => new URL(name, folder)), ...(process.env.RECORDS?.split(':') ?? [])];

async function verify(record, { crv, kty, x, y }) {
  const verifier = await ES256.getVerifier({ crv, kty, x, y });
  const { payload } = await new SDJwtVcInstance({ verifier, hasher: digest, hashAlg: 'sha-256' }).verify(record);
  return payload;
}

assert.ok(files.length > 0);
for (const file of files) {
  const { record, jwk, ledger, claims } = JSON.parse(readFileSync(file, 'utf8'));
  const name = String(file).split('/').at(-1);

  test(`${name}: verifies, with the disclosed values in their places`, async () => {
    const payload = await verify(record, jwk);
    assert.equal(payload.ledger, ledger);
    for (const [claim, value] of Object.entries(claims)) assert.deepEqual(payload[claim], value);
    assert.ok(!('_sd' in payload));
  });

  const change = at => record.slice(0, at) + (record[at] === 'A' ? 'B' : 'A') + record.slice(at + 1);

  test(`${name}: a changed character in the signed JWT is refused`, async () => {
    for (const at of [record.indexOf('.') + 20, record.lastIndexOf('.') + 20]) await assert.rejects(verify(change(at), jwk), undefined, `character ${at}`);
  });

  // This library lets a disclosure fall that matches no digest, where RFC 9901 section 7.1 and our verifiers refuse the whole.
  test(`${name}: a changed disclosure shows nothing`, async () => {
    const before = Object.keys(await verify(record, jwk)).length;
    const after = await verify(change(record.indexOf('~') + 12), jwk).then(p => Object.keys(p).length, () => 0);
    assert.ok(after < before);
  });
}
