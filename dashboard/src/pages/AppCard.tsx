/** One application on the overview: whether it is up, its load, its errors, what Argus costs it. */
import { useRef } from "react";
import { Link, useLocation } from "react-router";

import type { Application } from "../api/applications";
import { useVisible } from "../charts/useVisible";
import { Pulse } from "../components/Pulse";
import { useView } from "../components/useView";
import { formatValue, type Unit } from "../lib/format";
import { type Line, latest } from "../lib/points";
import { carried } from "../lib/range";
import { SPARK_HEIGHT, SPARK_WIDTH, sparkPath } from "../lib/sparkline";
import { useCardMetrics, useErrors } from "./useCardMetrics";

export function AppCard({ app }: { app: Application }) {
  const { search } = useLocation();
  const { range } = useView();
  const card = useRef<HTMLElement>(null);
  const visible = useVisible(card);
  const { lines, start, end } = useCardMetrics(app.app_id, range, visible);
  const errors = useErrors(app.app_id, range, app.errors_last_hour, visible);
  const of = (name: string): Line | undefined => lines.find((line) => line.name === name);
  const to = (more: Record<string, string> = {}): string => carried(search, { app: app.app_id, ...more });
  return (
    <article className="panel app-card" aria-label={app.name} ref={card}>
      <div className="head">
        <h2 className="name">
          <Link className="stretched-link" to={{ pathname: "/metrics", search: to() }}>
            {app.name}
          </Link>
        </h2>
        <Pulse seen={app.last_seen} />
      </div>
      <Spark label="CPU" line={of("cpu_percent")} start={start} end={end} most={100} unit="percent" />
      <Spark label="Memory" line={of("memory_percent")} start={start} end={end} most={100} unit="percent" />
      <Spark label="Errors/min" line={errors} start={start} end={end} most={1} unit="plain" kind={errors?.values.some((count) => count !== 0) === true ? "errors" : "calm"} />
      <dl className="facts">
        <div>
          <dt>errors, last hour</dt>
          <dd>
            {app.errors_last_hour === 0 ? (
              0
            ) : (
              <Link className="text-error above" to={{ pathname: "/logs", search: to({ level: "ERROR" }) }}>
                {formatValue(app.errors_last_hour, "plain")}
              </Link>
            )}
          </dd>
        </div>
        <div>
          <dt>active alerts</dt>
          <dd>
            {app.active_alerts === 0 ? (
              0
            ) : (
              <Link className="text-error above" to={{ pathname: "/alerts", search: to() }}>
                {app.active_alerts}
              </Link>
            )}
          </dd>
        </div>
        <div>
          <dt>Argus&apos; overhead</dt>
          <dd>{formatValue(latest(of("argus.overhead_percent")), "percent")}</dd>
        </div>
        <div>
          <dt>{app.hosts.length === 1 ? "host" : "hosts"}</dt>
          <dd className="cut" title={app.hosts.join(", ")}>
            {app.hosts.length === 1 ? app.hosts[0] : app.hosts.length}
          </dd>
        </div>
      </dl>
    </article>
  );
}

interface SparkProps {
  label: string;
  line: Line | undefined;
  start: number;
  end: number;
  /** The value that the full height stands for, unless there are greater ones. */
  most: number;
  unit: Unit;
  kind?: "errors" | "calm";
}

function Spark({ label, line, start, end, most, unit, kind }: SparkProps) {
  return (
    <div className="spark-row">
      <span className="muted">{label}</span>
      <svg className={`spark ${kind ?? ""}`} viewBox={`0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {line !== undefined && <path d={sparkPath(line.times, line.values, start, end, most)} />}
      </svg>
      <span className="value">{formatValue(latest(line), unit)}</span>
    </div>
  );
}
