/** The legend of a chart with many lines: name, last, average, greatest. A click shows that line alone. */
import { coloursOf } from "../lib/colour";
import type { Unit } from "../lib/format";
import { formatValue } from "../lib/format";
import { type Line, lineKey, summarise } from "../lib/points";

interface Props {
  lines: readonly Line[];
  alone: string | null;
  onAlone: (key: string | null) => void;
  unit: Unit;
  dark: boolean;
}

export function LegendTable({ lines, alone, onAlone, unit, dark }: Props) {
  const colours = coloursOf(lines.map(lineKey), dark);
  return (
    <div className="legend-box" tabIndex={0} role="region" aria-label="Legend">
      <table className="legend">
        <thead>
          <tr>
            <th scope="col">series</th>
            <th scope="col">last</th>
            <th scope="col">avg</th>
            <th scope="col">max</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => {
            const key = lineKey(line);
            const { last, average, max } = summarise(line);
            return (
              <tr key={key} className={alone !== null && alone !== key ? "away" : ""}>
                <td>
                  <button type="button" aria-pressed={alone === key} onClick={() => onAlone(alone === key ? null : key)}>
                    <Swatch colour={colours.get(key) ?? ""} />
                    {tagText(line)}
                  </button>
                </td>
                <td>{formatValue(last, unit)}</td>
                <td>{formatValue(average, unit)}</td>
                <td>{formatValue(max, unit)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Swatch({ colour }: { colour: string }) {
  return (
    <svg width="12" height="4" className="me-2 align-middle" aria-hidden="true">
      <rect width="12" height="4" rx="2" fill={colour} />
    </svg>
  );
}

function tagText(line: Line): string {
  const tags = Object.entries(line.tags).map(([key, value]) => `${key}=${value}`);
  return tags.length === 0 ? line.name : tags.join(", ");
}
