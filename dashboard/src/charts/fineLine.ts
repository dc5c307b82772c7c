/**
 * A line a little wider than a pixel of the screen, drawn as two that are one pixel wide and lie side by side. Browsers have a
 * quick way for lines of one pixel; a wider one they make into an outline first and fill that, which without a graphics card
 * takes fifty times as long where values go up and down.
 */
import { LineElement } from "chart.js";

/** Wider lines have room for an outline of their own, and their screens nearly always a graphics card. */
const WIDEST_PIXELS = 2;

export class FineLine extends LineElement {
  static readonly id = "fineLine";

  /** Chart.js also says from which point and how many: passed on as it comes. */
  override draw(...given: Parameters<LineElement["draw"]>): void {
    const [ctx] = given;
    const { options } = this;
    const scale = ctx.getTransform().a;
    const width = options.borderWidth * scale;
    if (width <= 1 || width > WIDEST_PIXELS) {
      super.draw(...given);
      return;
    }
    const apart = (width - 1) / scale;
    this.options = { ...options, borderWidth: 1 / scale };
    ctx.save();
    ctx.translate(0, -apart / 2);
    super.draw(...given);
    ctx.translate(0, apart);
    super.draw(...given);
    ctx.restore();
    this.options = options;
  }
}
