/** Around every page: sidebar, top bar, network banner, keyboard. */
import { useCallback, useEffect, useState } from "react";
import { NavLink, Outlet, useLocation } from "react-router";

import { carried } from "../lib/range";
import { ErrorBoundary } from "./ErrorBoundary";
import { Icon } from "./Icon";
import { Mark } from "./Mark";
import { NetworkBanner } from "./NetworkBanner";
import { PAGES } from "./pageList";
import { ShortcutHelp } from "./ShortcutHelp";
import { TopBar } from "./TopBar";
import { useApplications } from "./useApplications";
import { useShortcuts } from "./useShortcuts";

const NARROW = "argus-narrow";

export function Frame() {
  const [narrow, setNarrow] = useState(() => localStorage.getItem(NARROW) !== null);
  const [help, setHelp] = useState(false);
  const { pathname, search } = useLocation();
  useShortcuts(useCallback(() => setHelp(true), []));
  const page = PAGES.find((known) => known.path === pathname);
  useEffect(() => {
    document.title = page === undefined || page.path === "/" ? "Argus" : `${page.label} · Argus`;
  }, [page]);
  const toggle = (): void => {
    if (narrow) localStorage.removeItem(NARROW);
    else localStorage.setItem(NARROW, "1");
    setNarrow(!narrow);
  };
  return (
    <div className={`frame ${narrow ? "collapsed" : ""}`}>
      <nav className="side" aria-label="Pages">
        <NavLink className="brand" to={{ pathname: "/", search: carried(search) }} aria-label="Argus, to the overview">
          <Mark />
          <span className="label">Argus</span>
        </NavLink>
        {PAGES.map(({ path, label, icon }) => (
          <NavLink key={path} end className="item" to={{ pathname: path, search: carried(search) }} title={label}>
            <Icon name={icon} />
            <span className="label">{label}</span>
            {path === "/alerts" && <ActiveAlerts />}
          </NavLink>
        ))}
        <div className="spacer" />
        <button
          type="button"
          className="item collapse-toggle"
          aria-label={narrow ? "Widen the sidebar" : "Narrow the sidebar"}
          aria-expanded={!narrow}
          onClick={toggle}
        >
          <Icon name="collapse" />
          <span className="label">Narrow</span>
        </button>
      </nav>
      <div className="main">
        <TopBar about={page?.about ?? "time"} onHelp={() => setHelp(true)} />
        <NetworkBanner />
        <main className="content">
          <ErrorBoundary key={pathname}>
            <Outlet />
          </ErrorBoundary>
        </main>
      </div>
      <ShortcutHelp show={help} onHide={() => setHelp(false)} />
    </div>
  );
}

/** How many incidents are open, whichever page one is on. */
function ActiveAlerts() {
  const { data } = useApplications();
  const count = data?.applications.reduce((sum, app) => sum + app.active_alerts, 0) ?? 0;
  return count === 0 ? null : (
    <span className="count-badge">
      {count}
      <span className="visually-hidden"> active</span>
    </span>
  );
}
