/** Around every page: sidebar, top bar, network banner, keyboard. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Dropdown from "react-bootstrap/Dropdown";
import Form from "react-bootstrap/Form";
import { NavLink, Outlet, useLocation } from "react-router";

import { live } from "../api/live";
import { logOut } from "../api/session";
import { ErrorBoundary } from "./ErrorBoundary";
import { Icon, type IconName } from "./Icon";
import { Mark } from "./Mark";
import { RangePicker } from "./RangePicker";
import { ShortcutHelp } from "./ShortcutHelp";
import { useApplications } from "./useApplications";
import { useLiveStatus } from "./useLive";
import { useShortcuts } from "./useShortcuts";
import { setTheme, useDark } from "./useTheme";
import { useView } from "./useView";

const PAGES: { path: string; label: string; icon: IconName }[] = [
  { path: "/", label: "Overview", icon: "overview" },
  { path: "/metrics", label: "Metrics", icon: "metrics" },
  { path: "/logs", label: "Logs", icon: "logs" },
];

const STATUS_WORDS = { connecting: "connecting", live: "live", reconnecting: "reconnecting", polling: "polling" };

export function Frame() {
  const [collapsed, setCollapsed] = useState(false);
  const [help, setHelp] = useState(false);
  const { pathname, search } = useLocation();
  useShortcuts(() => setHelp(true));
  return (
    <div className={`frame ${collapsed ? "collapsed" : ""}`}>
      <nav className="side" aria-label="Pages">
        <NavLink className="brand" to={{ pathname: "/", search }} aria-label="Argus, to the overview">
          <Mark />
          <span className="label">Argus</span>
        </NavLink>
        {PAGES.map(({ path, label, icon }) => (
          <NavLink key={path} end className="item" to={{ pathname: path, search }} title={label}>
            <Icon name={icon} />
            <span className="label">{label}</span>
          </NavLink>
        ))}
        <div className="spacer" />
        <button
          type="button"
          className="item collapse-toggle"
          aria-label={collapsed ? "Widen the sidebar" : "Narrow the sidebar"}
          aria-expanded={!collapsed}
          onClick={() => setCollapsed(!collapsed)}
        >
          <Icon name="collapse" />
          <span className="label">Narrow</span>
        </button>
      </nav>
      <div className="main">
        <TopBar onHelp={() => setHelp(true)} />
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

function TopBar({ onHelp }: { onHelp: () => void }) {
  const view = useView();
  const { data } = useApplications();
  const apps = data?.applications ?? [];
  const hosts = apps.find((app) => app.app_id === view.app)?.hosts ?? [];
  const pick = (name: string, value: string): void => view.set(name, value === "" ? null : value);
  return (
    <header className="top">
      <Form.Select size="sm" aria-label="Application" value={view.app ?? ""} onChange={(event) => pick("app", event.target.value)}>
        <option value="">All applications</option>
        {apps.map((app) => (
          <option key={app.app_id} value={app.app_id}>
            {app.name}
          </option>
        ))}
      </Form.Select>
      {hosts.length > 1 && (
        <Form.Select size="sm" aria-label="Host" value={view.host ?? ""} onChange={(event) => pick("host", event.target.value)}>
          <option value="">All hosts</option>
          {hosts.map((host) => (
            <option key={host}>{host}</option>
          ))}
        </Form.Select>
      )}
      <RangePicker range={view.range} onChange={view.setRange} />
      <div className="flex-grow-1" />
      <LiveBadge />
      <ThemeButton />
      <UserMenu onHelp={onHelp} />
    </header>
  );
}

function LiveBadge() {
  const status = useLiveStatus();
  return (
    <span className={`badge-live ${status}`} role="status" aria-label={`Connection: ${STATUS_WORDS[status]}`}>
      {STATUS_WORDS[status]}
    </span>
  );
}

function NetworkBanner() {
  const status = useLiveStatus();
  if (status === "live" || status === "connecting") return null;
  return (
    <div className="banner" role="status">
      The live connection is lost; what you see stays. {status === "polling" ? "Asking every 10 s meanwhile." : "Reconnecting…"}
    </div>
  );
}

function ThemeButton() {
  const dark = useDark();
  return (
    <Button variant="quiet" size="sm" aria-label={dark ? "Use the light theme" : "Use the dark theme"} onClick={() => setTheme(dark ? "light" : "dark")}>
      <Icon name={dark ? "sun" : "moon"} />
    </Button>
  );
}

function UserMenu({ onHelp }: { onHelp: () => void }) {
  const cache = useQueryClient();
  const leave = (): void => {
    void logOut().finally(() => {
      live.close();
      cache.clear();
      window.location.assign(new URL("login", document.baseURI));
    });
  };
  return (
    <Dropdown align="end">
      <Dropdown.Toggle variant="quiet" size="sm" aria-label="User menu">
        <Icon name="user" />
      </Dropdown.Toggle>
      <Dropdown.Menu>
        <Dropdown.Item onClick={onHelp}>Keyboard shortcuts</Dropdown.Item>
        <Dropdown.Item onClick={() => setTheme("system")}>Theme of the system</Dropdown.Item>
        <Dropdown.Item onClick={leave}>Log out</Dropdown.Item>
      </Dropdown.Menu>
    </Dropdown>
  );
}
