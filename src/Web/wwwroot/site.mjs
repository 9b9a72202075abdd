// Adds what only a script can do; every page is complete without it.
for (const code of document.querySelectorAll('[data-copy]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = code.dataset.word;
  button.setAttribute('aria-label', code.dataset.copy);
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = code.dataset.done;
  });
  if (navigator.clipboard) code.after(' ', button);
}
// "/" goes to the search box, as in the staff portal.
document.addEventListener('keydown', event => {
  const box = document.querySelector('main.wide input[type=search]');
  if (event.key === '/' && box && !event.target.closest?.('input, textarea, select')) {
    event.preventDefault();
    box.focus();
  }
});
