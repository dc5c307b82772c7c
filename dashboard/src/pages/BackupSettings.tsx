/** Copies of everything the server keeps: making, fetching and deleting them, and how to restore one. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";

import { type BackupInfo, backupPath, type Backups, deleteBackup, getBackups, startBackup } from "../api/backups";
import { Ago } from "../components/Ago";
import { Answered } from "../components/Answered";
import { type Column, DataTable } from "../components/DataTable";
import { FormDialog } from "../components/FormDialog";
import { Panel } from "../components/Panel";
import { Progress } from "../components/Progress";
import { Snippet } from "../components/Snippet";
import { Empty } from "../components/States";
import { useNow } from "../components/useNow";
import { formatValue } from "../lib/format";

const KEY = ["backups"];
const REFRESH_MILLISECONDS = { running: 500, idle: 15_000 };

export function BackupSettings() {
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => getBackups(signal),
    refetchInterval: ({ state }) => (state.data?.running == null ? REFRESH_MILLISECONDS.idle : REFRESH_MILLISECONDS.running),
  });
  return (
    <Answered query={query} what="The backups">
      {(backups) => (
        <>
          <List backups={backups} />
          <Restore newest={backups.backups[0]?.name} />
        </>
      )}
    </Answered>
  );
}

function List({ backups: { backups, running, failed, last_error, next_at } }: { backups: Backups }) {
  const cache = useQueryClient();
  const [leaving, setLeaving] = useState<BackupInfo | null>(null);
  const start = useMutation({
    mutationFn: startBackup,
    onSuccess: (started) => {
      cache.setQueryData<Backups>(KEY, (known) => (known === undefined ? known : { ...known, running: started.running }));
    },
    onSettled: () => cache.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <Panel
      title="Backups"
      note={
        <>
          Each holds everything, keys and password as digests too: keep it as you keep the data folder.{" "}
          <NextBackup at={next_at} />
        </>
      }
      actions={
        <Button size="sm" disabled={running !== null || start.isPending} onClick={() => start.mutate()}>
          Back up now
        </Button>
      }
    >
      {running !== null && <Progress label={running.step} done={running.done} total={running.total} />}
      {start.isError && (
        <p className="text-error" role="alert">
          {start.error.message}
        </p>
      )}
      {last_error !== null && (
        <p className="text-error" role="alert">
          The last backup failed <Ago time={last_error.at} never="" />: {last_error.message}
          {failed > 1 && ` (${failed} failed since one was made)`}
        </p>
      )}
      {backups.length === 0 ? (
        <Empty>There is no backup yet.</Empty>
      ) : (
        <DataTable label="Backups" columns={columns(setLeaving)} rows={backups} keyOf={(one) => one.name} />
      )}
      {leaving !== null && <DeleteBackup backup={leaving} onHide={() => setLeaving(null)} />}
    </Panel>
  );
}

function NextBackup({ at }: { at: number | null }) {
  const now = useNow(5);
  if (at === null) return "None is made by itself.";
  if (at <= now) return "The next one is due.";
  return (
    <>
      The next one is made <Ago time={at} never="" />.
    </>
  );
}

function columns(onDelete: (backup: BackupInfo) => void): Column<BackupInfo>[] {
  return [
    { head: "Backup", cell: (one) => <span className="mono">{one.name}</span> },
    { head: "Made", cell: (one) => <Ago time={one.created_at} never="cannot be read" /> },
    { head: "By Argus", cell: (one) => one.argus ?? <span className="muted">–</span> },
    { head: "Holds", cell: (one) => holds(one) },
    { head: "Size", amount: true, cell: (one) => formatValue(one.size, "bytes") },
    {
      head: "Actions",
      actions: true,
      cell: (one) => (
        <>
          <a className="btn btn-sm btn-quiet" href={backupPath(one.name)} download={one.name} aria-label={`Download ${one.name}`}>
            Download
          </a>
          <Button size="sm" variant="quiet" aria-label={`Delete ${one.name}`} onClick={() => onDelete(one)}>
            Delete
          </Button>
        </>
      ),
    },
  ];
}

/** Its stores with their kinds; how many rows in each table, on hover. */
function holds({ stores }: BackupInfo) {
  return Object.entries(stores).map(([role, { kind, size, rows }]) => (
    <div key={role} title={Object.entries(rows).map(([table, count]) => `${table}: ${count}`).join(", ")}>
      {role} <span className="muted">{`${kind}, ${formatValue(size, "bytes")}`}</span>
    </div>
  ));
}

function DeleteBackup({ backup, onHide }: { backup: BackupInfo; onHide: () => void }) {
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteBackup(backup.name),
    onSuccess: onHide,
    onSettled: () => cache.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <FormDialog
      title="Delete this backup?"
      action="Delete for good"
      danger
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onHide={onHide}
    >
      <p className="mb-0">
        The file <span className="mono">{backup.name}</span> goes, and with it all it could bring back.
      </p>
    </FormDialog>
  );
}

function Restore({ newest = "argus-DATE.tar" }: { newest?: string | undefined }) {
  return (
    <Panel title="Restore" note="Done at the command line, while the server stands still: nothing is changed by a file that is cut short or damaged.">
      <ol className="steps">
        <li>Stop the server; where there are several, all of them.</li>
        <li>
          <Snippet label="Check the file and put it back, with the settings that the server has; ARGUS_BACKUP_DIR says where it lies" code={`argus restore argus-data/backups/${newest}`} />
        </li>
        <li>
          If it says that a store is not empty, repeat with <code>--force</code>: what is there is then replaced.
        </li>
        <li>Start the server. What came after the backup is gone; what programs kept meanwhile arrives, and is counted once.</li>
      </ol>
    </Panel>
  );
}
