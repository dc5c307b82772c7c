import { useMemo, useState } from "react";
import { Link, useLocation } from "react-router";

import { ChartCard } from "../charts/ChartCard";
import { useMarks } from "../charts/useMarks";
import type { ChangeLayout } from "../charts/useShown";
import { Empty, Failed, Skeleton } from "../components/States";
import { useAlertNews, useWatched } from "../components/useAlerts";
import { useApplications } from "../components/useApplications";
import { useLayout } from "../components/useLayout";
import { useView } from "../components/useView";
import type { WatchedRule } from "../lib/alerts";
import { withChart } from "../lib/layout";
import type { Mark } from "../lib/marks";
import { groupMetrics, type Metric, type MetricGroup, metricsOf } from "../lib/metrics";
import { carried } from "../lib/range";
import { MetricSearch } from "./MetricSearch";
import { useSeries } from "./useSeries";

export default function Metrics() {
  const view = useView();
  const apps = useApplications();
  const app = view.app ?? firstApp(apps.data?.applications.map((known) => known.app_id) ?? []);
  const known = apps.data?.applications.find(({ app_id }) => app_id === app);
  if (app !== undefined && apps.data !== undefined && known === undefined) return <Unknown app={app} />;
  if (app !== undefined) return <Charts app={app} name={known?.name ?? app} />;
  if (apps.isPending) return <Skeleton label="applications" count={6} />;
  if (apps.isError) return <Failed what="The list of applications" error={apps.error} retry={() => void apps.refetch()} />;
  return (
    <Empty>
      No application yet. <Link to="/">Connect the first one on the overview.</Link>
    </Empty>
  );
}

/** A link to what has been deleted, or was never there. */
function Unknown({ app }: { app: string }) {
  return (
    <Empty>
      <h1>There is no application “{app}”</h1>
      <span>
        Choose one above, or see <Link to="/applications">all applications</Link>.
      </span>
    </Empty>
  );
}

function Charts({ app, name }: { app: string; name: string }) {
  const view = useView();
  const series = useSeries(app);
  const [layout, changeLayout] = useLayout(app);
  const events = useMarks(app, view.range);
  useAlertNews();
  const rules = useWatched(app);
  const line = Number(view.get("at"));
  const marks = useMemo<readonly Mark[]>(
    () => (line > 0 ? [...events, { at: line, kind: "line", label: "the log line" }] : events),
    [events, line],
  );
  const search = view.get("q");
  const { search: url } = useLocation();
  const metrics = useMemo(() => metricsOf(series.data?.series ?? []), [series.data]);
  const own = layout.flatMap((chosen) => {
    const metric = metrics.find((known) => known.name === chosen.name);
    return metric === undefined ? [] : [{ chosen, metric }];
  });
  const groups = groupMetrics(metrics.filter((metric) => !layout.some((chosen) => chosen.name === metric.name)), search);
  const wanted = groupMetrics(own.map(({ metric }) => metric), search).flatMap((group) => group.metrics);
  const ownShown = own.filter(({ metric }) => wanted.includes(metric));
  const add = (metric: Metric): void => {
    changeLayout((before) => withChart(before, { name: metric.name }));
    view.set("q", null);
  };
  return (
    <>
      <div className="page-head">
        <h1>Metrics of {name}</h1>
        <MetricSearch metrics={metrics} value={search} onSearch={(text) => view.set("q", text, true)} onAdd={add} />
        <Link className="small text-nowrap" to={{ pathname: "/logs", search: carried(url, { app }) }}>
          Logs of this application
        </Link>
      </div>
      {series.isPending && <Skeleton label="metrics" count={6} />}
      {series.isError && series.data === undefined && (
        <Failed what="The list of metrics" error={series.error} retry={() => void series.refetch()} />
      )}
      {series.data !== undefined && groups.length === 0 && ownShown.length === 0 && (
        <Empty>
          {search === "" ? "This application has not sent any metric yet; they appear here as they arrive." : `No metric is called like “${search}”.`}
        </Empty>
      )}
      {ownShown.length > 0 && (
        <section aria-label="Your charts">
          <h2 className="group-title">Your charts</h2>
          <div className="charts">
            {ownShown.map(({ chosen, metric }) => (
              <ChartCard key={metric.name} {...{ app, metric, marks, rules, chosen, changeLayout }} />
            ))}
          </div>
        </section>
      )}
      {groups.map((group) => (
        <Group key={`${group.title} ${group.open}`} {...{ app, group, marks, rules, changeLayout }} />
      ))}
    </>
  );
}

interface GroupProps {
  app: string;
  group: MetricGroup;
  marks: readonly Mark[];
  rules: readonly WatchedRule[];
  changeLayout: ChangeLayout;
}

function Group({ app, group, marks, rules, changeLayout }: GroupProps) {
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
            <ChartCard key={metric.name} {...{ app, metric, marks, rules, changeLayout }} />
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
