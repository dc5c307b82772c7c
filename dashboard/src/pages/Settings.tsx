/** The server itself: how it does, what it keeps, who may see it and what was done to it. */
import type { ComponentType } from "react";
import { Link, useLocation } from "react-router";

import { useView } from "../components/useView";
import { carried } from "../lib/range";
import { AccountSettings } from "./AccountSettings";
import { AuditLog } from "./AuditLog";
import { BackupSettings } from "./BackupSettings";
import { ChannelSettings } from "./ChannelSettings";
import { ServerHealth } from "./ServerHealth";
import { ServerSettings } from "./ServerSettings";
import { StorageUse } from "./StorageUse";

const PARTS: { id: string; label: string; Part: ComponentType }[] = [
  { id: "server", label: "Server", Part: ServerHealth },
  { id: "storage", label: "Storage", Part: StorageUse },
  { id: "backups", label: "Backups", Part: BackupSettings },
  { id: "channels", label: "Channels", Part: ChannelSettings },
  { id: "configuration", label: "Configuration", Part: ServerSettings },
  { id: "account", label: "Account", Part: AccountSettings },
  { id: "audit", label: "Audit log", Part: AuditLog },
];

export default function Settings() {
  const { get } = useView();
  const { search } = useLocation();
  const wanted = get("part");
  const chosen = PARTS.find((part) => part.id === wanted) ?? PARTS[0];
  return (
    <>
      <div className="page-head">
        <h1>Settings</h1>
      </div>
      <div className="settings">
        <nav className="part-list" aria-label="Parts of the settings">
          {PARTS.map(({ id, label }) => (
            <Link key={id} to={{ search: carried(search, { part: id }) }} aria-current={id === chosen?.id ? "page" : undefined}>
              {label}
            </Link>
          ))}
        </nav>
        <div className="parts">{chosen !== undefined && <chosen.Part />}</div>
      </div>
    </>
  );
}
