/** The kinds of channels, and what an address of each looks like. */

export type Kind = "email" | "webhook" | "apprise";

export const KINDS: readonly { kind: Kind; label: string; example: string; help: string }[] = [
  { kind: "email", label: "E-mail", example: "ops@example.org", help: "Text and HTML, with a chart of the breach inside." },
  { kind: "webhook", label: "Webhook", example: "https://example.org/hook", help: "Signed JSON; the secret to check it with is shown once." },
  {
    kind: "apprise",
    label: "Chat and other services",
    example: "slack://…",
    help: "Slack, Discord, Telegram, PagerDuty and a hundred more, by an address of apprise's.",
  },
];

export const labelOf = (kind: Kind): string => KINDS.find((known) => known.kind === kind)?.label ?? kind;

interface Known {
  name: string;
}

/** What is to change; what was left as it is, or empty, stays. Null where that is nothing. */
export function changesOf(before: Known, name: string, target: string, newSecret: boolean): { name?: string; target?: string; new_secret?: boolean } | null {
  const changes = {
    ...(name.trim() === before.name || name.trim() === "" ? {} : { name: name.trim() }),
    ...(target.trim() === "" ? {} : { target: target.trim() }),
    ...(newSecret ? { new_secret: true } : {}),
  };
  return Object.keys(changes).length === 0 ? null : changes;
}
