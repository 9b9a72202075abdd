// Someone else's software reads the directory that this project makes, and the official shapes of DCAT-AP judge it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import jsonld from 'jsonld';
import { DataFactory, Parser, Store } from 'n3';
import SHACLValidator from 'rdf-validate-shacl';

const file = name => readFileSync(new URL(`../vectors/dcat-ap/${name}`, import.meta.url), 'utf8');
const graph = turtle => new Store(new Parser().parse(turtle));
const shapes = graph(file('dcat-ap-3.0.1-SHACL.ttl'));
const DCAT = 'http://www.w3.org/ns/dcat#', DCT = 'http://purl.org/dc/terms/', ODRL = 'http://www.w3.org/ns/odrl/2/';
const judge = async data => {
  const report = await new SHACLValidator(shapes).validate(data);
  return { conforms: report.conforms, problems: report.results.map(r => `${r.focusNode?.value} ${r.path?.value} ${r.message?.map(m => m.value)}`) };
};
const of = (data, type) => data.getSubjects('http://www.w3.org/1999/02/22-rdf-syntax-ns#type', type, null);

test('[N-6.2.6-e] the directory in Turtle passes the shapes of DCAT-AP 3.0.1', async () => {
  const data = graph(file('directory.ttl'));
  assert.equal(of(data, `${DCAT}Dataset`).length, 2);
  const { conforms, problems } = await judge(data);
  assert.ok(conforms, problems.join('\n'));
});

test('the shapes do judge: a data set without a title, and an agent without a name, fail', async () => {
  for (const predicate of [`${DCT}title`, 'http://xmlns.com/foaf/0.1/name', `${DCAT}accessURL`]) {
    const data = graph(file('directory.ttl'));
    data.removeMatches(null, DataFactory.namedNode(predicate), null, null);
    await new Promise(done => setImmediate(done));
    assert.equal((await judge(data)).conforms, false, predicate);
  }
});

test('[N-6.2.6-e] each data set with a right says it as an ODRL policy with a permission, its action and its purpose', () => {
  const data = graph(file('directory.ttl'));
  const policies = data.getObjects(null, `${ODRL}hasPolicy`, null);
  assert.equal(policies.length, 1);
  const [permission] = data.getObjects(policies[0], `${ODRL}permission`, null);
  assert.equal(data.getObjects(permission, `${ODRL}action`, null)[0].value, `${ODRL}use`);
  const [constraint] = data.getObjects(permission, `${ODRL}constraint`, null);
  assert.equal(data.getObjects(constraint, `${ODRL}leftOperand`, null)[0].value, `${ODRL}purpose`);
  assert.equal(data.getObjects(constraint, `${ODRL}rightOperand`, null)[0].value, 'inspection');
});

test('JSON-LD says the same as Turtle', async () => {
  const quads = await jsonld.toRDF(JSON.parse(file('directory.jsonld')), { format: 'application/n-quads' });
  const lines = store => store.getQuads(null, null, null, null).map(q => JSON.stringify([q.subject.value, q.predicate.value, q.object.termType, q.object.value, q.object.language, q.object.datatype?.value])).sort();
  assert.deepEqual(lines(new Store(new Parser({ format: 'N-Quads' }).parse(quads))), lines(graph(file('directory.ttl'))));
});
