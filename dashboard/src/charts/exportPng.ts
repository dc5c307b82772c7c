/** A chart as a picture: what is on its canvas, on the card's background, under its title. */
import { download } from "../components/download";

const TITLE = 32;

export function exportPng(card: HTMLElement | null, title: string, file: string): void {
  const chart = card?.querySelector("canvas");
  const picture = document.createElement("canvas");
  const ctx = picture.getContext("2d");
  if (card === null || chart === null || chart === undefined || ctx === null) return;
  const scale = chart.width / Math.max(1, chart.clientWidth);
  const style = getComputedStyle(card);
  picture.width = chart.width;
  picture.height = chart.height + TITLE * scale;
  ctx.fillStyle = style.backgroundColor;
  ctx.fillRect(0, 0, picture.width, picture.height);
  ctx.fillStyle = style.color;
  ctx.font = `600 ${14 * scale}px ${style.fontFamily}`;
  ctx.textBaseline = "middle";
  ctx.fillText(title, 10 * scale, (TITLE / 2) * scale);
  ctx.drawImage(chart, 0, TITLE * scale);
  picture.toBlob((content) => {
    if (content !== null) download(file, content);
  });
}
