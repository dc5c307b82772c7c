import { useState } from "react";
import Button from "react-bootstrap/Button";

import type { Application, CreatedApplication } from "../api/applications";
import { Connect } from "../components/Connect";
import { ConnectDialog } from "../components/ConnectDialog";
import { Mark } from "../components/Mark";
import { Failed, Skeleton } from "../components/States";
import { useApplications } from "../components/useApplications";
import { useView } from "../components/useView";
import { OWN_APP } from "../lib/ownApp";
import { AppCard } from "./AppCard";

export default function Overview() {
  const { data, error, isPending, refetch } = useApplications();
  const view = useView();
  const [connecting, setConnecting] = useState(false);
  const [made, setMade] = useState<CreatedApplication | null>(null);
  if (isPending) return <Skeleton label="applications" count={3} />;
  if (data === undefined) return <Failed what="The overview" error={error} retry={() => void refetch()} />;
  const apps = data.applications.filter((app) => view.app === null || app.app_id === view.app).sort(ownLast);
  const first = !data.applications.some((app) => app.app_id !== OWN_APP && app.app_id !== made?.app_id);
  return (
    <>
      <div className="page-head">
        <h1 className="flex-grow-1">Overview</h1>
        {!first && (
          <Button size="sm" variant="quiet" onClick={() => setConnecting(true)}>
            Connect an application
          </Button>
        )}
      </div>
      {first && <Welcome made={made} onMade={setMade} />}
      <div className="cards">
        {apps.map((app) => (
          <AppCard key={app.app_id} app={app} />
        ))}
      </div>
      <ConnectDialog show={connecting && !first} onHide={() => setConnecting(false)} />
    </>
  );
}

function ownLast(a: Application, b: Application): number {
  return Number(a.app_id === OWN_APP) - Number(b.app_id === OWN_APP);
}

function Welcome({ made, onMade }: { made: CreatedApplication | null; onMade: (made: CreatedApplication | null) => void }) {
  return (
    <section className="panel welcome" aria-labelledby="welcome-title">
      <Mark size={40} />
      <div>
        <h2 id="welcome-title" className="mb-1">
          Connect your first application
        </h2>
        <p className="muted">
          Argus is running and watches itself, below. Name a program of yours: you get a key and the lines to paste into it, and
          two minutes from now its figures are here.
        </p>
        <Connect made={made} onMade={onMade} />
      </div>
    </section>
  );
}
