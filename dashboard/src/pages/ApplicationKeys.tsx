/** An application's keys: one for each place it runs, so that one can go without the others. */
import { useState } from "react";
import Button from "react-bootstrap/Button";

import type { ApplicationDetail, KeyInfo } from "../api/application";
import type { CreatedKey } from "../api/applicationKeys";
import { Ago } from "../components/Ago";
import { type Column, DataTable } from "../components/DataTable";
import { Panel } from "../components/Panel";
import { Empty } from "../components/States";
import { NewKeyDialog, ReplaceKeyDialog, RevokeKeyDialog, ShowKeyDialog } from "./KeyDialogs";

type Asked = { about: "new" } | { about: "replace" | "revoke"; key: KeyInfo } | { about: "made"; key: CreatedKey };

export function ApplicationKeys({ app }: { app: ApplicationDetail }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = (): void => setAsked(null);
  const show = (key: CreatedKey): void => setAsked({ about: "made", key });
  const columns: Column<KeyInfo>[] = [
    { head: "Key", cell: (key) => <span className="mono">{key.prefix}…</span> },
    { head: "Label", cell: (key) => (key.label === "" ? <span className="muted">none</span> : key.label) },
    { head: "Made", cell: (key) => <Ago time={key.created_at} never="" /> },
    { head: "Last used", cell: (key) => <Ago time={key.last_used} never="not yet" /> },
    { head: "Ends", cell: (key) => <span className={key.expires_at === null ? "" : "text-gold"}><Ago time={key.expires_at} never="never" /></span> },
    {
      head: "Actions",
      actions: true,
      cell: (key) => (
        <>
          {key.expires_at === null && (
            <Button size="sm" variant="quiet" aria-label={`Replace ${nameOf(key)}`} onClick={() => setAsked({ about: "replace", key })}>
              Replace
            </Button>
          )}
          <Button size="sm" variant="quiet" aria-label={`Revoke ${nameOf(key)}`} onClick={() => setAsked({ about: "revoke", key })}>
            Revoke
          </Button>
        </>
      ),
    },
  ];
  return (
    <Panel
      title="Keys"
      note="A program shows one when it sends. Only a digest of it is kept here."
      actions={
        <Button size="sm" variant="quiet" onClick={() => setAsked({ about: "new" })}>
          New key
        </Button>
      }
    >
      {app.keys.length === 0 ? (
        <Empty>No key works any more: nothing can be sent for this application. Make a new one.</Empty>
      ) : (
        <DataTable label="Keys" columns={columns} rows={app.keys} keyOf={(key) => key.key_id} />
      )}
      {asked?.about === "new" && <NewKeyDialog appId={app.app_id} onMade={show} onHide={close} />}
      {asked?.about === "replace" && <ReplaceKeyDialog appId={app.app_id} old={asked.key} onMade={show} onHide={close} />}
      {asked?.about === "revoke" && <RevokeKeyDialog appId={app.app_id} old={asked.key} last={app.keys.length === 1} onHide={close} />}
      {asked?.about === "made" && <ShowKeyDialog appId={app.app_id} made={asked.key} onHide={close} />}
    </Panel>
  );
}

/** What tells a key from the others, by ear too. */
function nameOf(key: KeyInfo): string {
  return key.label === "" ? `${key.prefix}…` : key.label;
}
