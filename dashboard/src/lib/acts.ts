/** The audit log's acts in words. The server names an act by the route that did it; the command line says what was typed. */

const ACTS: Record<string, string> = {
  post_session: "Logged in",
  post_password: "Changed the password",
  delete_session: "Logged out",
  post_application: "Registered an application",
  patch_application: "Changed an application",
  delete_application: "Deleted an application",
  post_rotate_key: "Replaced all keys",
  post_key: "Made a key",
  post_key_rotation: "Replaced a key",
  delete_key: "Revoked a key",
  post_channel: "Made a channel",
  patch_channel: "Changed a channel",
  delete_channel: "Deleted a channel",
  post_test_message: "Tried a channel",
  post_test_mail: "Sent a test mail",
  post_alert: "Made a rule",
  put_alert: "Changed a rule",
  patch_alert: "Changed a rule",
  delete_alert: "Deleted a rule",
  post_alert_acknowledge: "Acknowledged an alert",
  post_backup: "Began a backup",
  get_backup: "Fetched a backup",
  delete_backup: "Deleted a backup",
};

const VERBS: Record<string, string> = { get: "Fetched", post: "Made", put: "Changed", patch: "Changed", delete: "Deleted" };

export function actInWords(act: string): string {
  const known = ACTS[act];
  if (known !== undefined) return known;
  const [verb = "", ...rest] = act.split("_");
  const said = VERBS[verb];
  return said === undefined || rest.length === 0 ? act : `${said}: ${rest.join(" ")}`;
}

/** The part of an address that tells one thing from another. */
export function subjectInWords(subject: string): string {
  return subject.replace(/^\/api\/v1\//, "");
}
