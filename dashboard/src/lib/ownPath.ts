/** Where to go after the login: the path that was asked for if it is one of this page's own origin, else the start. */
export function ownPath(wanted: string | null, origin: string): string {
  if (wanted === null || !wanted.startsWith("/")) return "/";
  // As a browser reads it: a backslash is a slash to it, and tabs and line breaks are nothing.
  const read = URL.canParse(wanted, origin) ? new URL(wanted, origin) : null;
  if (read?.origin !== origin || read.pathname.startsWith("//")) return "/";
  return `${read.pathname}${read.search}${read.hash}`;
}
