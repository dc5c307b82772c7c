/** Hands a file that was made here to the browser's downloads. */

export function download(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name.replaceAll(/[^\w.-]+/g, "_");
  link.click();
  // The browser has the content once the click is handled; a minute is more than it needs.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export const textFile = (type: string, text: string): Blob => new Blob([text], { type: `${type};charset=utf-8` });
