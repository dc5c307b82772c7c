/** What lies on the disk, and for how long it stays. */
import type { Status } from "../api/status";
import { Answered } from "../components/Answered";
import { type Column, DataTable } from "../components/DataTable";
import { Facts } from "../components/Facts";
import { Meter } from "../components/Meter";
import { Panel } from "../components/Panel";
import { formatDuration, formatValue } from "../lib/format";
import { sizesOf } from "../lib/sizes";
import { SettingLink } from "./SettingLink";
import { useStatus } from "./useStatus";

const DAY = 86_400;

export function StorageUse() {
  const query = useStatus();
  return (
    <Answered query={query} what="The storage use">
      {(status) => (
        <>
          <Room disk={status.disk} />
          {status.stores.map((store) => (
            <Panel key={store.role} title={`Store of ${store.role}`} note={`${store.kind} · ${store.address}`}>
              {store.trouble === null ? (
                <Facts facts={sizesOf(store.sizes).map(({ name, text }) => ({ name, value: text }))} />
              ) : (
                <p className="text-error mb-0">{store.trouble}</p>
              )}
            </Panel>
          ))}
          <Kept retention={status.retention} />
        </>
      )}
    </Answered>
  );
}

function Room({ disk }: { disk: Status["disk"] }) {
  const used = disk.total - disk.free;
  return (
    <Panel title="Disk" note="The file system of the data folder.">
      <Meter
        label="Used, by everything on it"
        now={used}
        most={disk.total}
        text={`${formatValue(used, "bytes")} of ${formatValue(disk.total, "bytes")}`}
        note={`${formatValue(disk.free, "bytes")} free`}
      />
    </Panel>
  );
}

interface Kind {
  name: string;
  days: number;
  setting: string;
}

const KEPT: Column<Kind>[] = [
  { head: "What", cell: (kind) => <span className="fw-semibold">{kind.name}</span> },
  { head: "Kept for", cell: (kind) => formatDuration(kind.days * DAY) },
  { head: "Setting", brief: true, cell: (kind) => <SettingLink name={kind.setting} /> },
];

function Kept({ retention }: { retention: Status["retention"] }) {
  const kinds = [
    { name: "Summaries as they came", days: retention.raw_days, setting: "raw_retention_days" },
    { name: "5-minute rollups", days: retention.rollup_days, setting: "rollup_retention_days" },
    { name: "Log lines", days: retention.log_days, setting: "log_retention_days" },
  ];
  return (
    <Panel title="Retention" note="What is older is deleted. The server reads these settings when it starts.">
      <DataTable label="Retention" columns={KEPT} rows={kinds} keyOf={(kind) => kind.setting} />
    </Panel>
  );
}
