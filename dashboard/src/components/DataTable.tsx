/** A table that becomes a list of cards on a phone, where each value carries the name of its column. */
import type { ReactNode } from "react";

export interface Column<T> {
  head: string;
  cell: (row: T) => ReactNode;
  /** Amounts stand to the right. */
  amount?: boolean;
  /** Short words, which stay on one line. */
  brief?: boolean;
  /** Buttons: their column has a name for those who listen, not for those who see. */
  actions?: boolean;
}

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
}

export function DataTable<T>({ label, columns, rows, keyOf }: Props<T>) {
  const kind = (column: Column<T>): string => (column.actions === true ? "actions" : column.amount === true ? "amount" : column.brief === true ? "brief" : "");
  return (
    <table className="rows" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.head} scope="col" className={kind(column)}>
              <span className={column.actions === true ? "visually-hidden" : ""}>{column.head}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <td key={column.head} className={kind(column)} data-head={column.head}>
                <div>{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
