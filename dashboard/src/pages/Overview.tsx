import { useState } from "react";
import Button from "react-bootstrap/Button";
import Modal from "react-bootstrap/Modal";
import { Link, useLocation } from "react-router";

import type { Application } from "../api/applications";
import { Connect } from "../components/Connect";
import { Mark } from "../components/Mark";
import { Failed, Loading } from "../components/States";
import { useApplications } from "../components/useApplications";
import { useNow } from "../components/useNow";
import { useView } from "../components/useView";
import { formatDuration, formatUtc, formatValue } from "../lib/format";
import { type Line, latest } from "../lib/points";
import { SPARK_HEIGHT, SPARK_WIDTH, sparkPath } from "../lib/sparkline";
import { useCardMetrics } from "./useCardMetrics";

const SILENT_SECONDS = 60;
const OWN_APP = "argus";

export default function Overview() {
  const { data, error, isPending, refetch } = useApplications();
  const view = useView();
  const [connecting, setConnecting] = useState(false);
  if (isPending) {
    return (
      <div className="cards">
        <div className="panel app-card">
          <Loading label="applications" />
        </div>
      </div>
    );
  }
  if (data === undefined) return <Failed what="The overview" error={error} retry={() => void refetch()} />;
  const apps = data.applications.filter((app) => view.app === null || app.app_id === view.app);
  const others = data.applications.some((app) => app.app_id !== OWN_APP);
  return (
    <>
      <div className="d-flex align-items-center justify-content-between mb-3">
        <h1>Overview</h1>
        {others && (
          <Button size="sm" variant="quiet" onClick={() => setConnecting(true)}>
            Connect an application
          </Button>
        )}
      </div>
      {!others && <Welcome />}
      <div className="cards">
        {apps.map((app) => (
          <Card key={app.app_id} app={app} />
        ))}
      </div>
      <Modal show={connecting} onHide={() => setConnecting(false)} size="lg" aria-labelledby="connect-title">
        <Modal.Header closeButton>
          <Modal.Title id="connect-title" as="h2">
            Connect an application
          </Modal.Title>
        </Modal.Header>
        <Modal.Body>
          <Connect />
        </Modal.Body>
      </Modal>
    </>
  );
}

function Welcome() {
  return (
    <section className="panel mb-3" aria-labelledby="welcome-title">
      <div className="d-flex gap-3">
        <Mark size={36} />
        <div className="flex-grow-1">
          <h2 id="welcome-title" className="mb-1">
            Connect your first application
          </h2>
          <p className="muted">
            Argus is running and watches itself, below. Name a program of yours: you get a key and the lines to paste into it.
          </p>
          <Connect />
        </div>
      </div>
    </section>
  );
}

function Card({ app }: { app: Application }) {
  const now = useNow(5);
  const { search } = useLocation();
  const params = new URLSearchParams(search);
  params.set("app", app.app_id);
  const { lines, start, end } = useCardMetrics(app.app_id);
  const of = (name: string): Line | undefined => lines.find((line) => line.name === name);
  const up = app.last_seen !== null && now - app.last_seen < SILENT_SECONDS;
  const seen = app.last_seen === null ? "never seen" : up ? "up" : `silent for ${formatDuration(Math.round(now - app.last_seen))}`;
  return (
    <Link className="panel app-card" to={{ pathname: "/metrics", search: params.toString() }}>
      <div className="head">
        <span className="name">{app.name}</span>{" "}
        <span className="muted small" title={app.last_seen === null ? "" : formatUtc(app.last_seen)}>
          <span className={`dot ${up ? "up" : app.last_seen === null ? "" : "silent"}`} />
          {seen}
        </span>
      </div>
      <Spark label="CPU" line={of("cpu_percent")} start={start} end={end} />
      <Spark label="Memory" line={of("memory_percent")} start={start} end={end} />
      <dl className="facts">
        <div>
          <dt>errors, last hour</dt>
          <dd className={app.errors_last_hour > 0 ? "text-error" : ""}>{app.errors_last_hour}</dd>
        </div>
        <div>
          <dt>Argus&apos; overhead</dt>
          <dd>{formatValue(latest(of("argus.overhead_percent")), "percent")}</dd>
        </div>
        <div>
          <dt>{app.hosts.length === 1 ? "host" : "hosts"}</dt>
          <dd title={app.hosts.join(", ")}>{app.hosts.length === 1 ? app.hosts[0] : app.hosts.length}</dd>
        </div>
      </dl>
    </Link>
  );
}

function Spark({ label, line, start, end }: { label: string; line: Line | undefined; start: number; end: number }) {
  return (
    <div className="spark-row">
      <span className="muted">{label}</span>
      <svg className="spark" viewBox={`0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {line !== undefined && <path d={sparkPath(line.times, line.values, start, end, 100)} />}
      </svg>
      <span className="value">{formatValue(latest(line), "percent")}</span>
    </div>
  );
}
