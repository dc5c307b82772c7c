/** Which application, host and time the page is about; whether it is live; theme and user. */
import { useQueryClient } from "@tanstack/react-query";
import Button from "react-bootstrap/Button";
import Dropdown from "react-bootstrap/Dropdown";
import Form from "react-bootstrap/Form";

import type { Application } from "../api/applications";
import { live } from "../api/live";
import { logOut } from "../api/session";
import { serverNow } from "../lib/clock";
import { bounds, writeRange } from "../lib/range";
import { copy } from "./copy";
import { Icon } from "./Icon";
import type { PageEntry } from "./pageList";
import { RangePicker } from "./RangePicker";
import { useApplications } from "./useApplications";
import { useLiveStatus } from "./useLive";
import { setTheme, useDark } from "./useTheme";
import { useView } from "./useView";

interface Props {
  about: PageEntry["about"];
  onHelp: () => void;
}

export function TopBar({ about, onHelp }: Props) {
  const { data } = useApplications();
  const apps = data?.applications ?? [];
  return (
    <header className="top">
      {about !== "server" && <ApplicationPicker apps={apps} />}
      {about === "time" && <TimePicker apps={apps} />}
      <div className="flex-grow-1" />
      <LiveBadge />
      <ThemeButton />
      <UserMenu onHelp={onHelp} />
    </header>
  );
}

function ApplicationPicker({ apps }: { apps: readonly Application[] }) {
  const view = useView();
  return (
    <Form.Select size="sm" aria-label="Application" value={view.app ?? ""} onChange={(event) => view.set("app", event.target.value)}>
      <option value="">All applications</option>
      {view.app !== null && apps.every((app) => app.app_id !== view.app) && <option value={view.app}>{view.app}</option>}
      {apps.map((app) => (
        <option key={app.app_id} value={app.app_id}>
          {app.name}
        </option>
      ))}
    </Form.Select>
  );
}

function TimePicker({ apps }: { apps: readonly Application[] }) {
  const view = useView();
  const hosts = apps.find((app) => app.app_id === view.app)?.hosts ?? [];
  return (
    <>
      {(hosts.length > 1 || view.host !== null) && (
        <Form.Select size="sm" aria-label="Host" value={view.host ?? ""} onChange={(event) => view.set("host", event.target.value)}>
          <option value="">All hosts</option>
          {[...new Set([...hosts, ...(view.host === null ? [] : [view.host])])].map((host) => (
            <option key={host}>{host}</option>
          ))}
        </Form.Select>
      )}
      <RangePicker range={view.range} onChange={view.setRange} />
    </>
  );
}

function LiveBadge() {
  const status = useLiveStatus();
  return (
    <span className={`badge-live ${status}`} role="status" aria-label={`Connection: ${status}`}>
      {status}
    </span>
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
  const { range } = useView();
  const leave = (): void => {
    void logOut().finally(() => {
      live.close();
      cache.clear();
      window.location.assign(new URL("login", document.baseURI));
    });
  };
  const copyTimes = (): void => {
    const url = new URL(window.location.href);
    url.search = writeRange(url.searchParams, { kind: "fixed", ...bounds(range, serverNow()) }).toString();
    void copy(url.toString());
  };
  return (
    <Dropdown align="end">
      <Dropdown.Toggle variant="quiet" size="sm" className="menu-toggle" aria-label="User menu">
        <Icon name="user" />
      </Dropdown.Toggle>
      <Dropdown.Menu>
        <Dropdown.Item as="button" onClick={() => void copy(window.location.href)}>
          Copy link to this view
        </Dropdown.Item>
        <Dropdown.Item as="button" onClick={copyTimes}>
          Copy link with these very times
        </Dropdown.Item>
        <Dropdown.Divider />
        <Dropdown.Item as="button" onClick={onHelp}>
          Keyboard shortcuts
        </Dropdown.Item>
        <Dropdown.Item href="api/docs">The API</Dropdown.Item>
        <Dropdown.Item as="button" onClick={() => setTheme("system")}>
          Theme of the system
        </Dropdown.Item>
        <Dropdown.Item as="button" onClick={leave}>
          Log out
        </Dropdown.Item>
      </Dropdown.Menu>
    </Dropdown>
  );
}
