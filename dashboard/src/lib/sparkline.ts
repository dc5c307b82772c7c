/** A small line as an SVG path; gaps are gaps. */

export const SPARK_WIDTH = 100;
export const SPARK_HEIGHT = 28;

export function sparkPath(
  times: readonly number[],
  values: readonly (number | null)[],
  start: number,
  end: number,
  most: number,
): string {
  const top = Math.max(most, ...values.filter((value): value is number => value !== null), 1e-9);
  let path = "";
  let pen = false;
  times.forEach((time, i) => {
    const value = values[i];
    if (value === null || value === undefined) {
      pen = false;
      return;
    }
    const x = ((time - start) / Math.max(1, end - start)) * SPARK_WIDTH;
    const y = SPARK_HEIGHT - 1 - (value / top) * (SPARK_HEIGHT - 3);
    const next = values[i + 1];
    const alone = !pen && (next === null || next === undefined);
    path += `${pen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}${alone ? "h-1.5" : ""}`;
    pen = true;
  });
  return path;
}
