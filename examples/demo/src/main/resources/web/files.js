/** Files cannot be sent: says so, instead of the browser leaving the page for the file. */

/** @param note tells the user */
export function refuseFiles(note) {
  const refuse = files => {
    const names = [...files].map(file => file.name).filter(name => name).slice(0, 3).join(', ');
    note(`Files cannot be sent here${names ? ': ' + names : ''}. Put it somewhere else and send a link.`);
  };
  const hasFiles = event => [...event.dataTransfer?.types ?? []].includes('Files');
  document.addEventListener('dragover', event => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'none';
  });
  document.addEventListener('drop', event => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    refuse(event.dataTransfer.files);
  });
  document.addEventListener('paste', event => {
    const { files } = event.clipboardData ?? {};
    // A copied table is text and a picture of it: then the text is what is meant.
    if (!files?.length || event.clipboardData.types.includes('text/plain')) return;
    event.preventDefault();
    refuse(files);
  });
}
