import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import Form from "react-bootstrap/Form";
import { Link } from "react-router";

import { getSeries } from "../api/metrics";
import { ChartCard } from "../charts/ChartCard";
import { Empty, Failed, Loading } from "../components/States";
import { useApplications } from "../components/useApplications";
import { useView } from "../components/useView";
import { groupMetrics, type MetricGroup, metricsOf } from "../lib/metrics";

const SERIES_MILLISECONDS = 15_000;

export default function Metrics() {
  const view = useView();
  const apps = useApplications();
  const app = view.app ?? firstApp(apps.data?.applications.map((known) => known.app_id) ?? []);
  const series = useQuery({
    queryKey: ["series", app],
    queryFn: () => getSeries(app ?? ""),
    enabled: app !== undefined,
    refetchInterval: SERIES_MILLISECONDS,
  });
  const search = view.get("q");
  if (app === undefined) return <Empty>No application yet. Connect one on the overview page.</Empty>;
  const groups = groupMetrics(metricsOf(series.data?.series ?? []), search);
  return (
    <>
      <div className="d-flex flex-wrap align-items-center gap-3 mb-3">
        <h1>Metrics of {apps.data?.applications.find((known) => known.app_id === app)?.name ?? app}</h1>
        <Form.Control
          type="search"
          size="sm"
          className="w-auto flex-grow-1"
          aria-label="Find a metric"
          placeholder="Find a metric"
          value={search}
          onChange={(event) => view.set("q", event.target.value)}
        />
        <Link className="small" to={{ pathname: "/logs", search: new URLSearchParams({ app }).toString() }}>
          Logs of this application
        </Link>
      </div>
      {series.isPending && (
        <div className="plot">
          <Loading label="metrics" />
        </div>
      )}
      {series.isError && series.data === undefined && (
        <Failed what="The list of metrics" error={series.error} retry={() => void series.refetch()} />
      )}
      {series.data !== undefined && groups.length === 0 && (
        <Empty>{search === "" ? "This application has not sent any metric yet." : `No metric is called like “${search}”.`}</Empty>
      )}
      {groups.map((group) => (
        <Group key={`${group.title} ${group.open}`} app={app} group={group} />
      ))}
    </>
  );
}

function Group({ app, group }: { app: string; group: MetricGroup }) {
  const [open, setOpen] = useState(group.open);
  return (
    <section aria-label={`Metrics: ${group.title}`}>
      <h2>
        <button type="button" className="group-title" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span aria-hidden="true">{open ? "▾" : "▸"}</span> {group.title}
          <span className="muted small">{group.metrics.length}</span>
        </button>
      </h2>
      {open && (
        <div className="charts">
          {group.metrics.map((metric) => (
            <ChartCard key={metric.name} app={app} metric={metric} />
          ))}
        </div>
      )}
    </section>
  );
}

/** Without a choice: the first application that is not the server itself. */
function firstApp(apps: readonly string[]): string | undefined {
  return apps.find((app) => app !== "argus") ?? apps[0];
}
