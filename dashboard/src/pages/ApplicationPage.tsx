/** One application: what it sends and loses, its keys, where it runs; renaming, limiting and deleting it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import { Link, useLocation } from "react-router";

import { type ApplicationDetail, getApplication, type InstanceInfo } from "../api/application";
import { Ago } from "../components/Ago";
import { Answered } from "../components/Answered";
import { type Column, DataTable } from "../components/DataTable";
import { Panel } from "../components/Panel";
import { Pulse } from "../components/Pulse";
import { Empty } from "../components/States";
import { OWN_APP } from "../lib/ownApp";
import { carried } from "../lib/range";
import { ApplicationKeys } from "./ApplicationKeys";
import { ApplicationUse } from "./ApplicationUse";
import { DeleteApplication } from "./DeleteApplication";
import { RenameApplication } from "./RenameApplication";

const REFRESH_MILLISECONDS = 10_000;

const INSTANCES: Column<InstanceInfo>[] = [
  { head: "Instance", cell: (one) => <span className="mono">{one.instance}</span> },
  { head: "Host", cell: (one) => one.host },
  { head: "SDK", cell: (one) => (one.sdk === "" ? <span className="muted">not told</span> : one.sdk) },
  { head: "Last seen", cell: (one) => <Ago time={one.last_seen} never="never" /> },
];

export function ApplicationPage({ appId }: { appId: string }) {
  const query = useQuery({
    queryKey: ["application", appId],
    queryFn: ({ signal }) => getApplication(appId, signal),
    refetchInterval: REFRESH_MILLISECONDS,
  });
  return (
    <>
      <Head appId={appId} app={query.data} />
      <Answered query={query} what="The application">
        {(app) => (
          <div className="parts">
            <ApplicationUse app={app} />
            {appId !== OWN_APP && <ApplicationKeys app={app} />}
            <Panel title="Instances" note={whereItRuns(app)}>
              {app.instances.length === 0 ? (
                <Empty>No process of it has sent anything in the last day.</Empty>
              ) : (
                <div className="long">
                  <DataTable label="Instances" columns={INSTANCES} rows={app.instances} keyOf={(one) => one.instance} />
                </div>
              )}
            </Panel>
            {appId !== OWN_APP && <DeleteApplication app={app} />}
          </div>
        )}
      </Answered>
    </>
  );
}

function whereItRuns({ hosts, sdks }: ApplicationDetail): string {
  const places = `${hosts.length} ${hosts.length === 1 ? "host" : "hosts"} within a day`;
  return sdks.length === 0 ? places : `${places} · ${sdks.join(", ")}`;
}

function Head({ appId, app }: { appId: string; app: ApplicationDetail | undefined }) {
  const { search } = useLocation();
  const [renaming, setRenaming] = useState(false);
  const all = new URLSearchParams(carried(search));
  all.delete("app");
  all.delete("host");
  return (
    <div className="page-head">
      <div className="title">
        <Link className="small" to={{ search: all.toString() }}>
          All applications
        </Link>
        <div className="d-flex flex-wrap align-items-baseline column-gap-3">
          <h1>{app?.name ?? appId}</h1>
          {app !== undefined && <Pulse seen={app.last_seen} />}
        </div>
        {app !== undefined && (
          <div className="muted small">
            <span className="mono">{app.app_id}</span> · registered <Ago time={app.created_at} never="" />
            {appId === OWN_APP && " · this server watches itself, without a key"}
          </div>
        )}
      </div>
      {app !== undefined && (
        <>
          <Link className="btn btn-sm btn-quiet" to={{ pathname: "/metrics", search: carried(search) }}>
            Charts
          </Link>
          <Link className="btn btn-sm btn-quiet" to={{ pathname: "/logs", search: carried(search) }}>
            Logs
          </Link>
          <Button size="sm" variant="quiet" onClick={() => setRenaming(true)}>
            Rename
          </Button>
          {renaming && <RenameApplication app={app} onHide={() => setRenaming(false)} />}
        </>
      )}
    </div>
  );
}
