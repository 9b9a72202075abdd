import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES, verify } from '../../src/Web/wwwroot/verify.mjs';
import { cases } from './cases.mjs';

const judge = ({ bundle, genesis }, options) => verify(Buffer.from(bundle), Buffer.from(genesis), options);

for (const made of cases()) {
  test(`${made.name}: ${made.verdict} (${made.code})`, async () => {
    const { verdict, code, exit, checks } = await judge(made);
    assert.deepEqual({ verdict, code }, { verdict: made.verdict, code: made.code }, JSON.stringify(checks, null, 1));
    assert.equal(exit, { 'authentic': 0, 'not-authentic': 1, 'cannot-tell': 2 }[verdict]);
    assert.ok(Object.hasOwn(CODES, code));
  });
}
