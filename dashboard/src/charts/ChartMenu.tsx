/** What can be done with a chart, besides choosing how its values are added up. */
import Dropdown from "react-bootstrap/Dropdown";
import { useLocation, useNavigate } from "react-router";

import { download, textFile } from "../components/download";
import { Icon } from "../components/Icon";
import { linesCsv } from "../lib/csv";
import { changed, type Chosen, moved, withChart, withoutChart } from "../lib/layout";
import type { Metric } from "../lib/metrics";
import type { Line } from "../lib/points";
import { carried, carriedAt } from "../lib/range";
import { exportPng } from "./exportPng";
import type { ChangeLayout, ChartView } from "./useShown";

/** What is on a chart at the moment. */
export interface Drawn {
  lines: readonly Line[];
  start: number;
  end: number;
}

interface Props {
  app: string;
  metric: Metric;
  shown: ChartView;
  chosen: Chosen | undefined;
  changeLayout: ChangeLayout;
  drawn: React.RefObject<Drawn>;
  empty: boolean;
  card: React.RefObject<HTMLElement | null>;
}

export function ChartMenu({ app, metric, shown, chosen, changeLayout, drawn, empty, card }: Props) {
  const navigate = useNavigate();
  const { search } = useLocation();
  const { name, kind } = metric;
  const logs = (): void => {
    const { start, end } = drawn.current;
    void navigate({ pathname: "/logs", search: carriedAt(search, start, end, { app }) });
  };
  const { agg, by, heat, compare } = shown;
  const alert = (): void => {
    void navigate({ pathname: "/alerts", search: carried(search, { app, edit: "new", metric: name, agg }) });
  };
  return (
    <Dropdown align="end">
      <Dropdown.Toggle variant="quiet" size="sm" className="menu-toggle" aria-label={`More for ${name}`}>
        <Icon name="more" />
      </Dropdown.Toggle>
      <Dropdown.Menu>
        <Dropdown.Item as="button" onClick={logs}>
          Logs of this time
        </Dropdown.Item>
        <Dropdown.Item as="button" onClick={alert}>
          Make an alert rule
        </Dropdown.Item>
        <Dropdown.Item as="button" aria-pressed={compare} disabled={heat} onClick={() => shown.change({ compare: !compare })}>
          {compare ? "Without the previous period" : "Compare with the previous period"}
        </Dropdown.Item>
        {kind === "timing" && (
          <Dropdown.Item as="button" aria-pressed={heat} onClick={() => shown.change({ heat: !heat })}>
            {heat ? "Show as lines" : "Show as heat map"}
          </Dropdown.Item>
        )}
        <Dropdown.Divider />
        {chosen === undefined ? (
          <Dropdown.Item as="button" onClick={() => changeLayout((before) => withChart(before, { name, agg, by, heat, compare }))}>
            Add to your charts
          </Dropdown.Item>
        ) : (
          <>
            <Dropdown.Item as="button" onClick={() => changeLayout((before) => moved(before, name, -1))}>
              Move earlier
            </Dropdown.Item>
            <Dropdown.Item as="button" onClick={() => changeLayout((before) => moved(before, name, 1))}>
              Move later
            </Dropdown.Item>
            <Dropdown.Item as="button" onClick={() => changeLayout((before) => changed(before, name, { wide: chosen.wide !== true }))}>
              {chosen.wide === true ? "Usual width" : "Full width"}
            </Dropdown.Item>
            <Dropdown.Item as="button" onClick={() => changeLayout((before) => withoutChart(before, name))}>
              Remove from your charts
            </Dropdown.Item>
          </>
        )}
        <Dropdown.Divider />
        <Dropdown.Item
          as="button"
          disabled={empty}
          onClick={() => download(`${app}-${name}-${agg}.csv`, textFile("text/csv", linesCsv(drawn.current.lines)))}
        >
          Export as CSV
        </Dropdown.Item>
        <Dropdown.Item as="button" onClick={() => exportPng(card.current, `${name}, ${agg}`, `${app}-${name}.png`)}>
          Export as PNG
        </Dropdown.Item>
      </Dropdown.Menu>
    </Dropdown>
  );
}
