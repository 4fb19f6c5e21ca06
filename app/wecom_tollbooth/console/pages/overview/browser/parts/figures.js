// The figures of a corp as they change: its summary, the calls of each minute, the bill since the page was opened.

import { reactive } from "vue";

const MINUTE = 60;
const EVERY = 2000;
const MOST_POINTS = 240;

const allCalls = (summary) => summary.calls.charged + summary.calls.refused;

export class Figures {
  constructor(corpid, first, minutes) {
    this.corpid = corpid;
    this.minutes = minutes;
    this.byMinute = new Map(first.calls.by_minute.map((one) => [one.at / MINUTE, { calls: one.calls, refused: one.refused }]));
    this.state = reactive({ summary: first, bars: [], bill: [Number(first.bill.total)], unreachable: false });
    this.before = first.bill.total;
    this.draw();
  }

  watch() {
    return tollbooth.watch(() => this.look(), EVERY);
  }

  async look() {
    try {
      this.take(await tollbooth.control(this.corpid, "GET", "/summary"));
      this.state.unreachable = false;
    } catch (error) {
      this.state.unreachable = error.status === 404 ? error.message : true;
    }
  }

  take(summary) {
    const before = this.state.summary;
    const calls = allCalls(summary) - allCalls(before);
    // Another month counts from nothing, and a restored corp has fewer calls than before.
    if (calls > 0 && summary.month === before.month) {
      const minute = Math.floor(summary.now / MINUTE);
      const here = this.byMinute.get(minute) ?? { calls: 0, refused: 0 };
      this.byMinute.set(minute, {
        calls: here.calls + calls,
        refused: here.refused + summary.calls.refused - before.calls.refused,
      });
    }
    if (summary.month !== before.month) {
      this.before = "0.00";
      this.state.bill = [];
    }
    this.state.summary = summary;
    this.state.bill = [...this.state.bill, Number(summary.bill.total)].slice(-MOST_POINTS);
    this.draw();
  }

  draw() {
    const last = Math.floor(this.state.summary.now / MINUTE);
    for (const minute of this.byMinute.keys()) {
      if (minute <= last - this.minutes) this.byMinute.delete(minute);
    }
    this.state.bars = Array.from({ length: this.minutes }, (_, place) => {
      const minute = last - this.minutes + 1 + place;
      return { minute, ...(this.byMinute.get(minute) ?? { calls: 0, refused: 0 }) };
    });
  }

  // In hundredths, so that no binary fraction shows.
  get risen() {
    const cents = (text) => Math.round(Number(text) * 100);
    return ((cents(this.state.summary.bill.total) - cents(this.before)) / 100).toFixed(2);
  }
}
