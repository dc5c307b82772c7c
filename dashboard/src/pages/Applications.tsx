import { useState } from "react";
import Button from "react-bootstrap/Button";
import { Link, useLocation } from "react-router";

import type { Application } from "../api/applications";
import { Ago } from "../components/Ago";
import { Answered } from "../components/Answered";
import { ConnectDialog } from "../components/ConnectDialog";
import { type Column, DataTable } from "../components/DataTable";
import { Pulse } from "../components/Pulse";
import { Empty } from "../components/States";
import { useApplications } from "../components/useApplications";
import { useView } from "../components/useView";
import { formatValue } from "../lib/format";
import { carried } from "../lib/range";
import { ApplicationPage } from "./ApplicationPage";

/** All applications, or the one that is chosen above. */
export default function Applications() {
  const { app } = useView();
  return app === null ? <AllApplications /> : <ApplicationPage key={app} appId={app} />;
}

function AllApplications() {
  const { search } = useLocation();
  const query = useApplications();
  const [connecting, setConnecting] = useState(false);
  const columns: Column<Application>[] = [
    {
      head: "Application",
      cell: (app) => (
        <>
          <Link className="fw-semibold" to={{ search: carried(search, { app: app.app_id }) }}>
            {app.name}
          </Link>
          {app.name !== app.app_id && <div className="muted small mono">{app.app_id}</div>}
        </>
      ),
    },
    { head: "State", cell: (app) => <Pulse seen={app.last_seen} /> },
    { head: "Hosts", cell: (app) => (app.hosts.length === 0 ? <span className="muted">none</span> : app.hosts.join(", ")) },
    { head: "Processes", amount: true, cell: (app) => app.instances },
    { head: "Series", amount: true, cell: (app) => formatValue(app.series, "plain") },
    {
      head: "Errors, last hour",
      amount: true,
      cell: (app) => <span className={app.errors_last_hour > 0 ? "text-error" : ""}>{formatValue(app.errors_last_hour, "plain")}</span>,
    },
    { head: "Keys", cell: (app) => <Keys prefixes={app.key_prefixes} /> },
    { head: "Registered", cell: (app) => <Ago time={app.created_at} never="" /> },
  ];
  return (
    <>
      <div className="page-head">
        <h1 className="flex-grow-1">Applications</h1>
        <Button size="sm" onClick={() => setConnecting(true)}>
          Register an application
        </Button>
      </div>
      <Answered query={query} what="The applications">
        {({ applications }) =>
          applications.length === 0 ? (
            <div className="panel waiting">
              <Empty>Nothing reports yet. Register an application: it gets a key, and the lines to paste into it.</Empty>
            </div>
          ) : (
            <section className="panel part" aria-label="All applications">
              <DataTable label="Applications" columns={columns} rows={applications} keyOf={(app) => app.app_id} />
            </section>
          )
        }
      </Answered>
      <ConnectDialog show={connecting} onHide={() => setConnecting(false)} />
    </>
  );
}

function Keys({ prefixes }: { prefixes: readonly string[] }) {
  if (prefixes.length === 0) return <span className="muted">none</span>;
  return prefixes.length === 1 ? <span className="mono">{prefixes[0]}…</span> : `${prefixes.length} keys`;
}
