/** Copies a text. Browsers offer their clipboard only to pages over HTTPS or from this machine; elsewhere a selection helps. */
export async function copy(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is nothing else on a page over plain HTTP
  document.execCommand("copy");
  area.remove();
}
