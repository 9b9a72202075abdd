// Checks a proof file in this browser: nothing is sent anywhere. The page works without this script too, by sending the form.
import { verify, CODES } from './verify.mjs';

const result = document.querySelector('#result');
const phrases = JSON.parse(result.dataset.words);
/** A sentence in the reader's language; {0} and so on stand for values. */
const say = (english, ...values) => (phrases[english] ?? english).replace(/\{(\d)\}/g, (_, n) => values[n]);
const locale = document.documentElement.lang === 'es' ? 'es-ES' : 'en-GB';
const TICKS = [
  ['Is the content complete and unchanged', ['form', 'content', 'entry']],
  ['Did the issuer sign it', ['issuer']],
  ['Did the validators seal it', ['chain', 'inclusion', 'results', 'validators', 'seal']],
  ['Is its status proved', ['status']],
];
const ENVELOPE = ['iss', 'vct', 'ledger', 'jti', 'iat', 'exp', 'nbf', 'sub', 'status', 'cnf', '_sd', '_sd_alg'];
const form = document.querySelector('form.drop');
// Asked for at once, so that the check itself needs no network.
const genesis = fetch('/ledger/v1/genesis').then(answer => answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(`${answer.status}`)));
genesis.catch(() => {});

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function headline({ verdict, code }) {
  if (verdict === 'authentic') return code === 'ok' ? say('Authentic') : say('Authentic, but {0}', say(code));
  return say(verdict === 'not-authentic' ? 'Not authentic' : 'Cannot tell');
}

function tick(question, names, checks, needed) {
  const mine = checks.filter(check => names.includes(check.name));
  const failed = mine.find(check => !check.ok);
  const state = failed ? 'no' : mine.length ? 'yes' : 'open';
  const word = say({ yes: 'yes', no: 'no', open: needed ? 'not checked' : 'it has none to prove' }[state]);
  // What the verifier itself says is English, and named so for whoever reads it aloud.
  const how = element('details', {}, element('summary', { textContent: say('How we know') }), ...mine.map(check => element('p', { lang: 'en', dir: 'ltr', textContent: check.text })));
  return element('li', { className: state }, element('strong', { textContent: `${say(question)}: ${word}.` }), failed ? element('span', { lang: 'en', textContent: ` ${failed.text}` }) : '', mine.length && !failed ? how : '');
}

// The proof does not carry the format's own words, so a field is called by its name, written as people write.
const spoken = name => name.replace(/[_-]/g, ' ').replace(/(?<=[a-z])[A-Z]/g, capital => ` ${capital.toLowerCase()}`).replace(/^./, first => first.toUpperCase());

const moment = time => `${new Date(time).toLocaleString(locale, { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' }).replace(' at ', ', ')} UTC`;

function words(value) {
  if (typeof value !== 'string') return Array.isArray(value) ? value.map(words).join(', ') : JSON.stringify(value);
  return /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(value).toLocaleDateString(locale, { dateStyle: 'long', timeZone: 'UTC' }) : value;
}

function claims(values) {
  const facts = Object.entries(values).filter(([name, value]) => !ENVELOPE.includes(name) && !(name === 'assertion' && value?.signatures));
  return element('dl', { className: 'facts' }, ...facts.map(([name, value]) => element('div', {},
    element('dt', { textContent: spoken(name) }), element('dd', { textContent: words(value) }))));
}

/** What a code means: in the reader's words, else in the verifier's. */
const meaning = code => phrases[`code:${code}`] ?? CODES[code];

function show(name, judged) {
  const kind = judged.verdict === 'cannot-tell' ? 'wait' : judged.code === 'ok' ? 'good' : 'bad';
  const head = element('h2', { id: 'verdict', className: 'headline', tabIndex: -1, textContent: headline(judged) });
  const section = element('section', { className: `verdict ${kind}` }, head,
    element('p', { className: 'until', textContent: meaning(judged.code) }), element('p', {}, element('bdi', { textContent: name })));
  section.setAttribute('aria-labelledby', 'verdict');
  if (judged.status) {
    section.append(element('p', { textContent: say('Status: {0}, as of {1} (block {2}).', say(judged.status.value), moment(judged.status.time), judged.status.height) }));
  }
  const needsStatus = judged.status !== undefined || judged.claims === undefined || Object.hasOwn(judged.claims, 'status');
  section.append(element('ul', { className: 'ticks' }, ...TICKS.map(([question, names], i) => tick(question, names, judged.checks, i < 3 || needsStatus))));
  section.append(element('p', {}, `${say('Reason code:')} `, element('code', { textContent: judged.code })));
  const parts = [section];
  if (judged.verdict === 'authentic' && judged.claims) {
    parts.push(element('h2', { textContent: say('What it says') }), element('p', { textContent: say('Issued by {0}', judged.claims.iss) }), claims(judged.claims));
  }
  result.replaceChildren(...parts);
  head.focus();
}

function tell(kind, text, ...more) {
  const told = element('div', { className: `verdict ${kind}`, tabIndex: -1 }, element('p', { textContent: text }), ...more);
  result.replaceChildren(told);
  return told;
}

/** Reads the code in a picture and says where it leads; it is not followed unasked. */
async function picture(file) {
  if (!('BarcodeDetector' in globalThis)) {
    tell('wait', say('This browser cannot read codes in pictures. Point your phone’s camera at the code instead, or type the number that stands beside it.')).focus();
    return;
  }
  const found = await createImageBitmap(file).then(image => new BarcodeDetector({ formats: ['qr_code'] }).detect(image)).catch(() => []);
  if (found.length === 0) {
    tell('wait', say('There is no code in this picture that can be read. Hold the camera straight, closer, and without shadows.')).focus();
    return;
  }
  const text = found[0].rawValue;
  const address = URL.canParse(text) ? new URL(text) : null;
  if (address?.origin === location.origin) {
    const link = element('a', { className: 'button', href: address.pathname + address.search, textContent: say('Open it') });
    tell('good', say('The code leads to this ledger: {0}', decodeURI(address.pathname)), element('p', {}, link));
    link.focus();
  } else if (address) {
    tell('bad', say('Careful: the code does not lead to this ledger but to {0}. A fake may carry a code of its own.', address.host || address.protocol)).focus();
  } else {
    tell('bad', say('Careful: the code holds no address of this ledger. It says: {0}', text.slice(0, 200))).focus();
  }
}

async function check(file) {
  tell('wait', say('Checking {0} …', file.name));
  if (file.type.startsWith('image/')) {
    await picture(file);
    return;
  }
  let trusted;
  try {
    trusted = new Uint8Array(await genesis);
  } catch {
    tell('bad', say('The ledger’s genesis file could not be loaded, so there is nothing to check against. Reload the page when you are online.')).focus();
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
