// Whoever draws over a stretch of a plot sees that stretch on the whole page. The same is done by the two fields above, with keys.
const SHORTEST_MS = 60_000;
let drawn;

const place = (svg, event) => {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x;
  return Math.min(Math.max(at, Number(svg.dataset.plotLeft)), Number(svg.dataset.plotRight));
};

const moment = (svg, x) => {
  const { plotLeft: left, plotRight: right, plotFrom: from, plotTo: to } = svg.dataset;
  return Number(from) + (x - left) / (right - left) * (to - from);
};

document.addEventListener('pointerdown', event => {
  const svg = event.target.closest?.('svg[data-plot-from]');
  if (!svg || event.button !== 0) return;
  const band = document.createElementNS(svg.namespaceURI, 'rect');
  band.classList.add('band');
  svg.append(band);
  drawn = { svg, band, start: place(svg, event) };
  event.preventDefault();
});

document.addEventListener('pointermove', event => {
  if (!drawn) return;
  const x = place(drawn.svg, event);
  for (const [name, value] of Object.entries({ x: Math.min(x, drawn.start), width: Math.abs(x - drawn.start), y: 12, height: 176 })) drawn.band.setAttribute(name, value);
});

document.addEventListener('pointerup', event => {
  if (!drawn) return;
  const { svg, band, start } = drawn;
  drawn = undefined;
  band.remove();
  const [from, to] = [start, place(svg, event)].sort((a, b) => a - b).map(x => moment(svg, x));
  if (to - from < SHORTEST_MS) return;
  location.search = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
});
