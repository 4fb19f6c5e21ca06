// Texts, amounts and times as people read them. Times are unix seconds, shown as in Shanghai.

const ZONE = "Asia/Shanghai";
const DAY = 86400;
const OFFSET = 8 * 3600; // China has had no summer time since 1991

export class Format {
  constructor(language, texts) {
    this.texts = texts;
    const date = { timeZone: ZONE, month: "numeric", day: "numeric" };
    const time = { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    this.counts = new Intl.NumberFormat(language);
    this.yuan = new Intl.NumberFormat(language, {
      style: "currency",
      currency: "CNY",
      currencyDisplay: "narrowSymbol",
      maximumFractionDigits: 2,
      minimumFractionDigits: 0,
    });
    this.short = new Intl.NumberFormat(language, {
      style: "currency",
      currency: "CNY",
      currencyDisplay: "narrowSymbol",
      notation: "compact",
      maximumFractionDigits: 1,
    });
    this.days = new Intl.DateTimeFormat(language, date);
    this.years = new Intl.DateTimeFormat(language, { ...date, year: "numeric" });
    this.hours = new Intl.DateTimeFormat(language, time);
  }

  text(name, values = {}) {
    const text = this.texts[name] ?? name;
    return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
  }

  count(number) {
    return this.counts.format(number);
  }

  money(fen) {
    return this.yuan.format(fen / 100);
  }

  shortMoney(fen) {
    return this.short.format(fen / 100);
  }

  milliseconds(ms) {
    return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
  }

  when(seconds, now) {
    if (!seconds) return "";
    const at = new Date(seconds * 1000);
    const days = dayOf(seconds) - dayOf(now);
    const hours = this.hours.format(at);
    if (days === 0) return this.text("today", { time: hours });
    if (days === 1) return this.text("tomorrow", { time: hours });
    if (days === -1) return this.text("yesterday", { time: hours });
    const sameYear = new Date((seconds + OFFSET) * 1000).getUTCFullYear() ===
      new Date((now + OFFSET) * 1000).getUTCFullYear();
    return `${(sameYear ? this.days : this.years).format(at)} ${hours}`;
  }

  // How a next follow-up stands: { kind: "none" | "overdue" | "soon" | "later", text }.
  due(seconds, now) {
    if (!seconds) return { kind: "none", text: "" };
    if (seconds < now) return { kind: "overdue", text: this.text("overdue_by", { span: this.span(now - seconds) }) };
    const kind = seconds - now < DAY ? "soon" : "later";
    return { kind, text: this.when(seconds, now) };
  }

  span(seconds) {
    if (seconds < 3600) return this.text("minutes", { n: Math.max(1, Math.floor(seconds / 60)) });
    if (seconds < 2 * DAY) return this.text("hours", { n: Math.floor(seconds / 3600) });
    return this.text("days", { n: this.count(Math.floor(seconds / DAY)) });
  }
}

function dayOf(seconds) {
  return Math.floor((seconds + OFFSET) / DAY);
}
