/** The server's time. A range such as "the last hour" ends there, whatever this machine's clock says. */

let ahead = 0;

/** Learn the server's time from something it has just said. */
export function setServerTime(now: number): void {
  ahead = now - Date.now() / 1000;
}

/** Unix seconds, by the server's clock. */
export function serverNow(): number {
  return Date.now() / 1000 + ahead;
}
