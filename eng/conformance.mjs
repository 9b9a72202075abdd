// Joins the rows of the conformance checklist with the tests that name them and with how those ended: node eng/conformance.mjs RESULTS [--accept]
//
// RESULTS holds NAME.ctrf.json of each .NET project (trait "Y.4561") and NAME.log of each folder of Node tests (a name begins with [ROW]).
// Writes RESULTS/CONFORMANCE.md and RESULTS/conformance.json; ends with 1 when a row that must be shown has no passing test, or when a row of the list
// of later ones has one; says so when the page in docs/ says something else, which --accept mends.
import { readFileSync, readdirSync, writeFileSync, existsSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'

const results = process.argv[2]
const accepts = process.argv.includes('--accept')
const table = file => readFileSync(file, 'utf8').split('\n').filter(Boolean).map(line => line.split('\t'))
const rows = table('docs/conformance-rows.tsv')
const later = new Map(table('docs/conformance-later.tsv'))
const isOwed = id => /^(N-|D-7|D-8)/.test(id)

/** Row to [{ name, status }]. */
const tests = new Map(rows.map(([id]) => [id, []]))
const unknown = []
const note = (id, name, status) => tests.has(id) ? tests.get(id).push({ name, status }) : unknown.push(`${name} names ${id}`)

for (const file of readdirSync(results).sort()) {
  if (file.endsWith('.ctrf.json')) {
    for (const test of JSON.parse(readFileSync(join(results, file), 'utf8')).results.tests) {
      for (const id of test.extra?.traits?.['Y.4561'] ?? []) note(id, method(test), test.status)
    }
  } else if (file.endsWith('.log')) {
    for (const [, not, name, skipped] of readFileSync(join(results, file), 'utf8').matchAll(/^ *(not )?ok \d+ - (\[.*?)(?: # (SKIP).*)?$/gm)) {
      for (const [, id] of name.matchAll(/\[([\w.'-]+)\]/g)) note(id, name.replace(/\[[^\]]*\]\s*/g, ''), not ? 'failed' : skipped ? 'skipped' : 'passed')
    }
  }
}

// A theory is many results and one test: the name ends before its arguments.
function method(test) {
  return test.name.replace(/\(.*$/s, '').replace(/^EventLedger\./, '')
}

function gather(id) {
  const byName = new Map()
  for (const { name, status } of tests.get(id)) byName.set(name, [...byName.get(name) ?? [], status])
  return [...byName].sort(([a], [b]) => a < b ? -1 : 1)
}

const list = rows.map(([id, text]) => {
  const found = gather(id)
  const passes = found.some(([, all]) => all.includes('passed')), fails = found.some(([, all]) => all.includes('failed'))
  return { id, text, result: fails ? 'failed' : passes ? 'shown' : later.has(id) ? 'later' : 'open', by: later.get(id), tests: found.map(([name]) => name) }
})

const kinds = [['N-', 'Normative: what the Recommendation requires'], ['D-', 'Descriptive: its model, actors, reference points and procedures'],
  ['A', 'Informative: the two systems of Appendix I'], ['X', 'What follows from the text, and what users ask for']]
const words = { shown: 'shown', failed: '**failed**', later: 'later', open: 'not yet' }
const counts = some => `${some.filter(r => r.result === 'shown').length} of ${some.length} shown`
const page = ['# Conformance to Recommendation ITU-T Y.4561 (08/2020)', '',
  'Every row of the checklist of the Recommendation, in our words, with the tests that show it. `./test` makes this page from the results of its own run',
  'and fails when a normative row has no passing test; a row marked *later* names what will bring it.', '']
for (const [prefix, title] of kinds) {
  const some = list.filter(r => r.id.startsWith(prefix))
  if (some.length === 0) continue
  page.push(`## ${title}`, '', `${counts(some)}.`, '', '| row | what the text demands | result | shown by |', '|---|---|---|---|')
  for (const r of some) {
    page.push(`| ${r.id} | ${r.text.replaceAll('|', '\\|')} | ${words[r.result]} | ${r.result === 'later' ? r.by : r.tests.map(t => `\`${t}\``).join('<br>')} |`)
  }
  page.push('')
}
writeFileSync(join(results, 'CONFORMANCE.md'), page.join('\n'))
writeFileSync(join(results, 'conformance.json'), `${JSON.stringify(list, null, 1)}\n`)

const faults = [...unknown], notes = []
for (const r of list) {
  if (isOwed(r.id) && r.result === 'open') faults.push(`${r.id} has no passing test: ${r.text}`)
  if (r.result === 'failed') faults.push(`${r.id}: a test that shows it failed`)
  if (later.has(r.id) && r.result === 'shown') faults.push(`${r.id} is shown; take it out of docs/conformance-later.tsv`)
}
for (const id of later.keys()) if (!tests.has(id)) faults.push(`docs/conformance-later.tsv names ${id}, which is no row`)
for (const file of ['CONFORMANCE.md', 'conformance.json']) {
  const made = join(results, file), kept = join('docs', file)
  if (accepts) copyFileSync(made, kept)
  else if (!existsSync(kept) || readFileSync(made, 'utf8') !== readFileSync(kept, 'utf8')) notes.push(`${kept} is not what this run shows: node eng/conformance.mjs ${results} --accept`)
}
console.log(counts(list.filter(r => isOwed(r.id))) + ' of those that must be; ' + counts(list) + ' of all')
for (const line of [...faults, ...notes]) console.log(line)
process.exit(faults.length > 0 ? 1 : 0)
