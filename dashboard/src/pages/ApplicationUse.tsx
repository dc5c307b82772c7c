/** What an application sends against what it may, what got lost, and what Argus costs it. */
import { useState } from "react";
import Button from "react-bootstrap/Button";

import type { ApplicationDetail, Use } from "../api/application";
import { Facts } from "../components/Facts";
import { Meter } from "../components/Meter";
import { Panel } from "../components/Panel";
import { formatValue, type Unit } from "../lib/format";
import { ApplicationLimits } from "./ApplicationLimits";

export function ApplicationUse({ app }: { app: ApplicationDetail }) {
  const [changing, setChanging] = useState(false);
  return (
    <Panel
      title="Use and losses"
      note="Counts begin when the server starts."
      actions={
        <Button size="sm" variant="quiet" onClick={() => setChanging(true)}>
          Change limits
        </Button>
      }
    >
      <div className="meters">
        <UseMeter label="Active series" use={app.series} unit="plain" />
        <UseMeter label="Summaries" use={app.rows_per_second} unit="perSecond" />
        <UseMeter label="Log lines" use={app.lines_per_second} unit="perSecond" />
      </div>
      <Facts
        facts={[
          { name: "summaries taken", value: formatValue(app.rows, "plain") },
          { name: "log lines taken", value: formatValue(app.lines, "plain") },
          { name: "rejected rows", value: formatValue(app.rejected, "plain"), bad: app.rejected > 0, title: "Left out of good bodies; each sender was told which and why" },
          { name: "requests refused", value: formatValue(app.refused, "plain"), bad: app.refused > 0, title: "Came too fast, and were asked to come again" },
          { name: "dropped by clients, last hour", value: formatValue(app.dropped, "plain"), bad: app.dropped > 0, title: "What its programs say they could not keep" },
          { name: "Argus' overhead", value: formatValue(app.overhead_percent, "percent"), title: "Share of a core, on average of its instances" },
        ]}
      />
      {changing && <ApplicationLimits app={app} onHide={() => setChanging(false)} />}
    </Panel>
  );
}

function UseMeter({ label, use, unit }: { label: string; use: Use; unit: Unit }) {
  const text = `${formatValue(use.now, unit)} of ${formatValue(use.limit, unit)}`;
  return <Meter label={label} now={use.now} most={use.limit} text={text} note={use.own ? "a limit of its own" : "the server's limit"} />;
}
