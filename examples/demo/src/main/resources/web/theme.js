// Not a module: it runs before the first paint, so that a remembered theme does not flash.
try {
  const remembered = localStorage.getItem('roomcast.theme');
  if (remembered === 'light' || remembered === 'dark') document.documentElement.dataset.theme = remembered;
} catch {
  // Private mode: nothing is remembered.
}
