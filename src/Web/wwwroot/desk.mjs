// The registrar's desk. What is typed lies in this tab under a name that the page's address bears, until the ledger has it or it is thrown away: so back, reload,
// a dead host and a second case lose and mix nothing. Listeners hang on the document, for pages change under them.
import { signSecond } from './sign.mjs';

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- answers

const PREFIX = 'draft /staff/desk/issue ';
const read = (name) => JSON.parse(sessionStorage.getItem(PREFIX + name) ?? 'null');

function keep(form) {
  const { deskDraft: name, deskField: field, deskAbout: about } = form.dataset;
  const answer = form.elements.answer;
  const draft = read(name) ?? { started: Date.now(), answers: {} };
  draft.about = JSON.parse(about);
  draft.answers[field] = answer.value ?? '';
  sessionStorage.setItem(PREFIX + name, JSON.stringify(draft));
}

// Whoever types faster than this script comes has said so already. Later a link changes the page in place, so what was typed for another question may still stand in the box.
let isFirst = true;
// A date of which only a part is typed has no value yet; to set one would take that part away.
const isTouched = (answer) => (answer instanceof RadioNodeList ? [...answer].some((radio) => radio.checked !== radio.defaultChecked) : answer.value !== answer.defaultValue || answer.validity.badInput);

function bringBack(form) {
  if (isFirst && isTouched(form.elements.answer)) return keep(form);
  const said = read(form.dataset.deskDraft)?.answers[form.dataset.deskField];
  const answer = form.elements.answer;
  if (answer instanceof RadioNodeList) for (const radio of answer) radio.checked = said === undefined ? radio.defaultChecked : radio.value === said;
  else answer.value = said ?? answer.defaultValue;
}

function fillCheck(form) {
  const draft = read(form.dataset.deskDraft);
  if (!draft && form.dataset.deskCheck === 'new') {
    $('[data-desk-empty]').hidden = false;
    form.hidden = true;
    return;
  }
  for (const row of $$('[data-desk-row]', form)) {
    const said = draft?.answers[row.dataset.deskRow];
    const now = said ?? row.dataset.before;
    const shown = $('[data-desk-value]', row);
    shown.textContent = now || shown.dataset.deskNone;
    shown.classList.toggle('none', !now);
    $('input[type=hidden]', row).value = now;
    const was = $('[data-desk-was]', row);
    if (was) was.hidden = said === undefined || said === row.dataset.before;
    row.classList.toggle('changed', Boolean(was) && !was.hidden);
  }
}

function listOpen(section) {
  const list = $('ul', section);
  list.replaceChildren();
  const open = Object.keys(sessionStorage).filter((k) => k.startsWith(PREFIX)).map((k) => [k, JSON.parse(sessionStorage.getItem(k))])
    .filter(([, draft]) => draft?.about && Object.values(draft.answers).some((a) => a)).sort(([, a], [, b]) => b.started - a.started);
  for (const [key, draft] of open) {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = draft.about.href;
    link.textContent = `${draft.about.title} – ${section.dataset.deskGo}`;
    link.dataset.deskRowLink = '';
    const hint = document.createElement('span');
    hint.className = 'hint';
    hint.textContent = `${Object.values(draft.answers).filter((a) => a).slice(0, 3).join(' · ')} · ${new Date(draft.started).toLocaleString(document.documentElement.lang.slice(0, 2) === 'ar' ? 'en' : document.documentElement.lang)}`;
    const drop = document.createElement('button');
    drop.type = 'button';
    drop.className = 'second small';
    drop.textContent = section.dataset.deskDrop;
    drop.setAttribute('aria-label', `${section.dataset.deskDrop}: ${draft.about.title}`);
    drop.addEventListener('click', () => { sessionStorage.removeItem(key); listOpen(section); ($('a, button', section.hidden ? $('main') : list) ?? section).focus(); });
    item.append(link, ' ', drop, hint);
    list.append(item);
  }
  section.hidden = open.length === 0;
}

document.addEventListener('input', (event) => { if (event.target.form?.dataset.deskField) keep(event.target.form); });
document.addEventListener('submit', (event) => { if (event.target.dataset.deskField) keep(event.target); }, true);

// ---- a second registrar's key: read, used for this one signature, and forgotten

document.addEventListener('change', async (event) => {
  const input = event.target;
  if (!('deskSecond' in (input.dataset ?? {})) || !input.files[0]) return;
  const said = $('[data-desk-second-said]', input.form);
  try {
    input.form.elements.second.value = JSON.stringify(await signSecond(await input.files[0].text(), input.form.dataset.subject));
    said.textContent = input.dataset.said;
  } catch (error) {
    said.textContent = `${input.dataset.failed} ${error.message}`;
  }
  input.value = '';
});

// ---- the counter's camera

let camera;
const stopCamera = () => {
  camera?.getTracks().forEach((track) => track.stop());
  camera = undefined;
  const box = $('[data-desk-camera]');
  if (box) box.hidden = true;
};

async function scan(button) {
  const said = $('[data-desk-scan-said]');
  said.hidden = true;
  try {
    const detector = new BarcodeDetector({ formats: ['qr_code'] });
    camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    const box = $('[data-desk-camera]');
    const video = $('video', box);
    box.hidden = false;
    video.srcObject = camera;
    await video.play();
    while (camera) {
      const [found] = await detector.detect(video);
      if (found) {
        stopCamera();
        const input = $('#number');
        input.value = found.rawValue;
        input.form.requestSubmit();
        return;
      }
      await new Promise((next) => { requestAnimationFrame(next); });
    }
  } catch {
    stopCamera();
    said.textContent = button.dataset.refused;
    said.hidden = false;
    $('#number').focus();
  }
}

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button');
  if (button && 'deskScan' in button.dataset) scan(button);
  else if (button && 'deskScanStop' in button.dataset) stopCamera();
});

// ---- rows by keyboard

document.addEventListener('keydown', (event) => {
  if (!['j', 'k'].includes(event.key) || event.target.closest?.('input, textarea, select') || event.ctrlKey || event.metaKey || event.altKey) return;
  const links = $$('[data-desk-row-link]').filter((l) => l.offsetParent);
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, event.key === 'j' ? at + 1 : at - 1))]?.focus();
});

// ---- arriving at a page

let again;
// Not while somebody types or scans: that would be lost.
const lookAgain = () => {
  if (camera || document.activeElement?.matches('input, textarea, select')) again = setTimeout(lookAgain, 3000);
  else location.reload();
};

export function arrive() {
  document.documentElement.dataset.deskReady = '';
  clearTimeout(again);
  if (camera) stopCamera();
  const here = $('[data-desk-here]');
  // What stands here came by a form; back and reload must not send that form anew.
  if (here) history.replaceState(null, '', here.dataset.deskHere);
  for (const form of $$('form[data-desk-field]')) bringBack(form);
  isFirst = false;
  for (const form of $$('form[data-desk-check]')) fillCheck(form);
  for (const section of $$('[data-desk-open]')) listOpen(section);
  for (const button of $$('[data-desk-scan]')) button.hidden = !('BarcodeDetector' in globalThis && navigator.mediaDevices);
  if ($('[data-desk-again]') && !$('form[data-draft]')) again = setTimeout(lookAgain, 3000);
  const batch = $('[data-batch]');
  if (batch) import('./batch.mjs').then((m) => m.arrive(batch));
}
