/** Whether the server can store what is sent, what comes in, what it takes, and what its jobs do. */
import type { JobStatus, Status, Store } from "../api/status";
import { Ago } from "../components/Ago";
import { Answered } from "../components/Answered";
import { type Column, DataTable } from "../components/DataTable";
import { Facts } from "../components/Facts";
import { Panel } from "../components/Panel";
import { formatDuration, formatTime, formatUtc, formatValue } from "../lib/format";
import { useStatus } from "./useStatus";

export function ServerHealth() {
  const query = useStatus();
  return (
    <Answered query={query} what="The state of the server">
      {(status) => (
        <>
          <ThisServer status={status} />
          <Panel title="Stores" note="What is sent is acknowledged once a store has it on the disk.">
            <DataTable label="Stores" columns={STORES} rows={status.stores} keyOf={(store) => store.role} />
          </Panel>
          <Intake status={status} />
          <Panel title="Jobs" note={status.leading ? "This server runs all of them." : "Another server leads: this one runs those that each server has to."}>
            <DataTable label="Jobs" columns={JOBS} rows={status.jobs} keyOf={(job) => job.name} />
          </Panel>
        </>
      )}
    </Answered>
  );
}

function ThisServer({ status }: { status: Status }) {
  const { process, live } = status;
  return (
    <Panel title="This server" note={`Argus ${status.version} on Python ${status.python}`}>
      {status.starting !== null && <p className="text-gold">Still starting: {status.starting}</p>}
      <Facts
        facts={[
          { name: "up for", value: formatDuration(Math.round(status.uptime)), title: `since ${formatTime(status.started_at)} · ${formatUtc(status.started_at)}` },
          { name: "processor", value: formatValue(process.cpu_percent, "percent"), title: `Share of one core; ${formatDuration(process.cpu_seconds)} since the start` },
          { name: "memory", value: formatValue(process.memory, "bytes") },
          { name: "threads", value: process.threads },
          { name: "open files", value: process.open_files },
          { name: "applications", value: status.applications ?? "–" },
          { name: "active series", value: formatValue(status.series, "plain") },
          { name: "live connections", value: `${live.connections} of ${live.limit}`, title: `${live.subscriptions} subscriptions` },
          { name: "live messages left out", value: formatValue(live.dropped, "plain"), bad: live.dropped > 0, title: "For connections that read too slowly; these asked for the history again" },
        ]}
      />
    </Panel>
  );
}

const STORES: Column<Store>[] = [
  { head: "Keeps", cell: (store) => <span className="fw-semibold">{store.role}</span> },
  { head: "Product", cell: (store) => store.kind },
  { head: "Where", cell: (store) => <span className="mono">{store.address}</span> },
  {
    head: "State",
    cell: (store) =>
      store.trouble === null ? <span className="pulse up">stores</span> : <span className="pulse silent wrap">{store.trouble}</span>,
  },
];

type Flow = Status["summaries"] & { name: string };

const FLOWS: Column<Flow>[] = [
  { head: "What", cell: (flow) => <span className="fw-semibold">{flow.name}</span> },
  { head: "Now", amount: true, cell: (flow) => formatValue(flow.per_second, "perSecond") },
  { head: "Stored", amount: true, cell: (flow) => formatValue(flow.stored, "plain") },
  { head: "Rejected", amount: true, cell: (flow) => <span className={flow.rejected > 0 ? "text-error" : ""}>{formatValue(flow.rejected, "plain")}</span> },
  { head: "Sent again", amount: true, cell: (flow) => formatValue(flow.duplicates, "plain") },
  { head: "Waiting", amount: true, cell: (flow) => formatValue(flow.waiting, "plain") },
  { head: "Commits", amount: true, cell: (flow) => formatValue(flow.commits, "plain") },
];

function Intake({ status }: { status: Status }) {
  const refused = Object.entries(status.refused).sort(([a], [b]) => a.localeCompare(b));
  const flows = [
    { name: "Summaries", ...status.summaries },
    { name: "Log lines", ...status.log_lines },
  ];
  return (
    <Panel title="What comes in" note="Since the server's start.">
      <DataTable label="What comes in" columns={FLOWS} rows={flows} keyOf={(flow) => flow.name} />
      <p className="mb-0 mt-3">
        <span className="muted">Refused requests: </span>
        {refused.length === 0 ? "none" : refused.map(([code, count]) => `${count} ${code.replaceAll("_", " ")}`).join(" · ")}
      </p>
    </Panel>
  );
}

const JOBS: Column<JobStatus>[] = [
  {
    head: "Job",
    cell: (job) => (
      <>
        <span className="fw-semibold">{job.name}</span>
        <div className="muted small">{job.does}</div>
      </>
    ),
  },
  { head: "When", brief: true, cell: (job) => (job.interval === null ? job.schedule : `every ${formatDuration(job.interval)}`) },
  { head: "Last run", cell: (job) => <LastRun job={job} /> },
  { head: "Next run", cell: (job) => <Ago time={job.next_run} never="not here" /> },
  { head: "Runs", amount: true, cell: (job) => formatValue(job.runs, "plain") },
  { head: "Failed", amount: true, cell: (job) => <span className={job.failures > 0 ? "text-error" : ""}>{formatValue(job.failures, "plain")}</span> },
];

function LastRun({ job }: { job: JobStatus }) {
  if (job.running) return <span className="text-gold">runs now</span>;
  return (
    <>
      <Ago time={job.last_run} never="not yet" />
      {job.duration !== null && <span className="muted"> · {formatDuration(job.duration)}</span>}
      {job.error !== null && <div className="text-error small">{job.error}</div>}
    </>
  );
}
