// Checks a proof file in this browser: nothing is sent anywhere. The page works without this script too, by sending the form.
import { verify, CODES } from './verify.mjs';

const TICKS = [
  ['Is the content complete and unchanged', ['form', 'content', 'entry']],
  ['Did the issuer sign it', ['issuer']],
  ['Did the validators seal it', ['chain', 'inclusion', 'results', 'validators', 'seal']],
  ['Is its status proved', ['status']],
];
const ENVELOPE = ['iss', 'vct', 'ledger', 'jti', 'iat', 'exp', 'nbf', 'sub', 'status', 'cnf', '_sd', '_sd_alg'];
const form = document.querySelector('form.drop');
const result = document.querySelector('#result');
// Asked for at once, so that the check itself needs no network.
const genesis = fetch('/ledger/v1/genesis').then(answer => answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(`${answer.status}`)));
genesis.catch(() => {});

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function headline({ verdict, code }) {
  if (verdict === 'authentic') return code === 'ok' ? 'Authentic' : `Authentic, but ${code}`;
  return verdict === 'not-authentic' ? 'Not authentic' : 'Cannot tell';
}

function tick(question, names, checks, needed) {
  const mine = checks.filter(check => names.includes(check.name));
  const failed = mine.find(check => !check.ok);
  const state = failed ? 'no' : mine.length ? 'yes' : 'open';
  const word = { yes: 'yes', no: 'no', open: needed ? 'not checked' : 'it has none to prove' }[state];
  const how = element('details', {}, element('summary', { textContent: 'How we know' }), ...mine.map(check => element('p', { textContent: check.text })));
  return element('li', { className: state }, element('strong', { textContent: `${question}: ${word}.` }), failed ? ` ${failed.text}` : '', mine.length && !failed ? how : '');
}

// The proof does not carry the format's own words, so a field is called by its name, written as people write.
const spoken = name => name.replace(/[_-]/g, ' ').replace(/(?<=[a-z])[A-Z]/g, capital => ` ${capital.toLowerCase()}`).replace(/^./, first => first.toUpperCase());

const moment = time => `${new Date(time).toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' }).replace(' at ', ', ')} UTC`;

function words(value) {
  if (typeof value !== 'string') return Array.isArray(value) ? value.map(words).join(', ') : JSON.stringify(value);
  return /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(value).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' }) : value;
}

function claims(values) {
  const facts = Object.entries(values).filter(([name]) => !ENVELOPE.includes(name));
  return element('dl', { className: 'facts' }, ...facts.map(([name, value]) => element('div', {},
    element('dt', { textContent: spoken(name) }), element('dd', { textContent: words(value) }))));
}

function show(name, judged) {
  const kind = judged.verdict === 'cannot-tell' ? 'wait' : judged.code === 'ok' ? 'good' : 'bad';
  const head = element('h2', { id: 'verdict', className: 'headline', tabIndex: -1, textContent: headline(judged) });
  const section = element('section', { className: `verdict ${kind}` }, head, element('p', { textContent: judged.verdict === 'authentic' ? name : `${name}: ${CODES[judged.code]}` }));
  section.setAttribute('aria-labelledby', 'verdict');
  if (judged.status) {
    section.append(element('p', { textContent: `Status: ${judged.status.value}, as of ${moment(judged.status.time)} (block ${judged.status.height}).` }));
  }
  const needsStatus = judged.status !== undefined || judged.claims === undefined || Object.hasOwn(judged.claims, 'status');
  section.append(element('ul', { className: 'ticks' }, ...TICKS.map(([question, names], i) => tick(question, names, judged.checks, i < 3 || needsStatus))));
  section.append(element('p', {}, 'Reason code: ', element('code', { textContent: judged.code })));
  const parts = [section];
  if (judged.verdict === 'authentic' && judged.claims) {
    parts.push(element('h2', { textContent: 'What it says' }), element('p', { textContent: `Issued by ${judged.claims.iss}` }), claims(judged.claims));
  }
  result.replaceChildren(...parts);
  head.focus();
}

function say(kind, text) {
  result.replaceChildren(element('p', { className: `verdict ${kind}`, textContent: text }));
}

async function check(file) {
  say('wait', `Checking ${file.name}…`);
  let trusted;
  try {
    trusted = new Uint8Array(await genesis);
  } catch {
    say('bad', 'The ledger’s genesis file could not be loaded, so there is nothing to check against. Reload the page when you are online.');
    return;
  }
  show(file.name, await verify(new Uint8Array(await file.arrayBuffer()), trusted));
}

form.addEventListener('submit', event => {
  event.preventDefault();
  const [file] = form.elements.file.files;
  if (file) check(file);
});
form.elements.file.addEventListener('change', event => {
  if (event.target.files[0]) check(event.target.files[0]);
});
// Without this a file that misses the form would replace the page.
document.addEventListener('dragover', event => {
  event.preventDefault();
  document.body.classList.add('dragging');
});
document.addEventListener('dragleave', event => {
  if (!event.relatedTarget) document.body.classList.remove('dragging');
});
document.addEventListener('drop', event => {
  event.preventDefault();
  document.body.classList.remove('dragging');
  const [file] = event.dataTransfer.files;
  if (file) check(file);
});
