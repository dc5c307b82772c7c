/** What the administrator did, here and by the command line. */
import { useInfiniteQuery } from "@tanstack/react-query";
import Button from "react-bootstrap/Button";

import { type AuditEntry, getAudit } from "../api/audit";
import { type Column, DataTable } from "../components/DataTable";
import { Panel } from "../components/Panel";
import { Empty, Failed, Loading } from "../components/States";
import { actInWords, subjectInWords } from "../lib/acts";
import { formatTime, formatUtc } from "../lib/format";

const COLUMNS: Column<AuditEntry>[] = [
  { head: "When", cell: (entry) => <time title={formatUtc(entry.at)}>{formatTime(entry.at)}</time> },
  { head: "What", brief: true, cell: (entry) => <span className="fw-semibold">{actInWords(entry.act)}</span> },
  { head: "About", cell: (entry) => <span className="mono">{subjectInWords(entry.subject)}</span> },
  { head: "Detail", cell: (entry) => entry.detail },
  {
    head: "Who",
    brief: true,
    cell: (entry) => (
      <>
        {entry.who}
        <div className="muted small mono">{entry.origin}</div>
      </>
    ),
  },
];

export function AuditLog() {
  const query = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) => getAudit(pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next,
  });
  const entries = query.data?.pages.flatMap((page) => page.entries);
  return (
    <Panel title="Audit log" note="Each act that changed something, newest first.">
      {entries === undefined ? (
        <div className="waiting">
          {query.isError ? <Failed what="The audit log" error={query.error} retry={() => void query.refetch()} /> : <Loading label="the audit log" />}
        </div>
      ) : entries.length === 0 ? (
        <Empty>Nothing was done yet.</Empty>
      ) : (
        <DataTable label="Audit log" columns={COLUMNS} rows={entries} keyOf={(entry) => entry.id} />
      )}
      {query.hasNextPage && (
        <div className="text-center mt-3">
          <Button size="sm" variant="quiet" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show older
          </Button>
        </div>
      )}
    </Panel>
  );
}
