// Writes tests/vectors/bundles/*.json and mutations.json anew: `node write-vectors.mjs`. The keys are fresh each time, so all of it changes.
// `node write-vectors.mjs --missing` writes only the bundles that are not there yet.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { verify } from '../../src/Web/wwwroot/verify.mjs';
import { cases } from './cases.mjs';
import { apply, expected, mutations } from './mutations.mjs';

const vectors = new URL('../vectors/', import.meta.url);
const BASES = ['every value disclosed, nested and in an array', 'a record with a valid status', 'the validators changed after the record'];
const file = name => `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}.json`;

const write = vector => writeFileSync(new URL(`bundles/${file(vector.name)}`, vectors), `${JSON.stringify(vector, null, 1)}\n`);

if (process.argv.includes('--missing')) {
  for (const { name, verdict, code, genesis, bundle } of cases()) {
    if (!existsSync(new URL(`bundles/${file(name)}`, vectors))) write({ name, verdict, code, genesis, bundle });
  }
  process.exit();
}
rmSync(new URL('bundles/', vectors), { recursive: true, force: true });
mkdirSync(new URL('bundles/', vectors), { recursive: true });
const mutated = [];
for (const { name, genesis, bundle, verdict, code } of cases()) {
  write({ name, verdict, code, genesis, bundle });
  if (!BASES.includes(name)) continue;
  const judged = [];
  for (const mutation of mutations(bundle)) {
    const { verdict, code } = await verify(Buffer.from(apply(bundle, mutation)), Buffer.from(genesis));
    const want = expected(mutation, name === 'a record with a valid status');
    if (verdict !== want) throw new Error(`${name}: ${mutation.name}: ${verdict}, not ${want}`);
    const { at, remove, insert } = mutation;
    judged.push([mutation.name, at, remove, insert, verdict, code]);
  }
  mutated.push(`{"of":${JSON.stringify(file(name))},"mutations":[\n${judged.map(m => JSON.stringify(m)).join(',\n')}]}`);
}
writeFileSync(new URL('mutations.json', vectors), `[${mutated.join(',\n')}]\n`);
