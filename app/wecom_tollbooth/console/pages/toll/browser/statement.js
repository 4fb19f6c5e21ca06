// The bill of a month: each line with its sum, rising while calls come in.
import { grouped, percent, tollAddress } from "tollbooth-toll/numbers.js";

const PAUSE = 2000;

export default {
  props: { corpid: String, chosen: String, lang: String, texts: Object, budget: Object },
  template: `
    <div class="toll">
      <div class="toll-bar">
        <div class="toll-months">
          <button type="button" class="choice" :aria-label="texts.before" @click="move(-1)">‹</button>
          <input type="month" class="toll-month" :aria-label="texts.month" :value="month" @change="choose($event.target.value)">
          <button type="button" class="choice" :aria-label="texts.after" @click="move(1)">›</button>
          <button v-if="wanted" type="button" class="choice" @click="choose('')">{{ texts.now }}</button>
        </div>
        <nav class="toll-files" :aria-label="texts.files">
          <a :href="file('html')" target="_blank">{{ texts.print }}</a>
          <a :href="file('csv')">CSV</a>
          <a :href="file('json')" target="_blank">JSON</a>
        </nav>
      </div>
      <div v-if="error" class="state state-error toll-state" role="alert">
        <span class="state-title">{{ texts.failed }}</span><span>{{ error }}</span>
        <button type="button" class="choice" @click="look">{{ texts.again }}</button>
      </div>
      <div v-else-if="!bill" class="state toll-state" role="status">{{ texts.loading }}</div>
      <template v-else>
        <div class="toll-figures">
          <div class="card toll-total">
            <span class="faint">{{ texts.due }}</span>
            <b class="toll-figure" data-figure="total">{{ grouped(bill.total) }} <small>{{ bill.currency }}</small></b>
            <span class="faint">{{ bill.price_book }}<span v-if="!wanted" class="chip good toll-live">{{ texts.live }}</span></span>
          </div>
          <a v-if="budget" class="card toll-budget" :href="address('/budget')">
            <span class="faint">{{ texts.budget }}</span>
            <b class="toll-figure">{{ grouped(budget.amount) }}</b>
            <span class="toll-meter" role="img" :aria-label="share + ' %'"><span :style="{ width: Math.min(share, 100) + '%' }" :class="{ full: share >= 100 }"></span></span>
            <span class="faint">{{ texts.spent.replace("{share}", share) }}<span v-if="budget.blocked" class="chip bad">{{ texts.blocked }}</span></span>
          </a>
        </div>
        <p class="toll-mark">{{ texts.simulated }}</p>
        <div v-if="!bill.lines.length" class="state toll-state">{{ texts.empty }}</div>
        <div v-else class="table-box">
          <table class="rows toll-lines">
            <thead><tr><th>{{ texts.line }}</th><th class="number">{{ texts.days }}</th><th class="number">{{ texts.quantity }}</th><th class="number">{{ texts.free }}</th><th class="number">{{ texts.price }}</th><th class="number">{{ texts.amount }} {{ bill.currency }}</th></tr></thead>
            <tbody>
              <tr v-for="line in bill.lines" :key="line.meter + line.since">
                <td><a :href="lineAddress(line)">{{ title(line) }}</a>
                  <span v-if="line.amount !== '0.00'" class="toll-sum">{{ line.sum }}<template v-if="line.adjusted">: {{ texts[line.adjusted] }}</template> <span class="number">{{ equals(line) }} {{ grouped(line.amount) }}</span></span>
                  <span v-if="line.note_en" class="toll-sum warn">{{ zh ? line.note_zh : line.note_en }}</span>
                  <span class="toll-share" aria-hidden="true"><span :style="{ width: shareOf(line) + '%' }"></span></span></td>
                <td class="number" :data-label="texts.days">{{ line.since.slice(5) }} – {{ line.until.slice(5) }}</td>
                <td class="number" :data-label="texts.quantity">{{ grouped(line.quantity) }}</td>
                <td class="number" :data-label="texts.free"><template v-if="line.free">{{ grouped(line.free) }}</template></td>
                <td class="number" :data-label="texts.price">{{ price(line) }}</td>
                <td class="number toll-amount">{{ grouped(line.amount) }}</td>
              </tr>
            </tbody>
            <tfoot><tr><td colspan="5">{{ texts.total }}</td><td class="number toll-amount">{{ grouped(bill.total) }}</td></tr></tfoot>
          </table>
        </div>
        <p class="faint">{{ texts.once }}</p>
      </template>
    </div>`,
  data: () => ({ bill: null, error: "", wanted: "" }),
  computed: {
    zh() { return this.lang === "zh-CN"; },
    month() { return this.wanted || this.bill?.month || ""; },
    share() {
      const spent = this.bill && this.bill.month === this.budget.month ? this.bill.total : this.budget.spent;
      return percent(spent, this.budget);
    },
  },
  mounted() {
    this.wanted = this.chosen ?? "";
    this.stop = window.tollbooth.watch(() => this.look(), PAUSE);
  },
  unmounted() { this.stop?.(); },
  methods: {
    async look() {
      const asked = this.wanted;
      try {
        const bill = await window.tollbooth.control(this.corpid, "GET", `/statement${window.tollbooth.query({ month: asked })}`);
        if (asked !== this.wanted) return;
        this.bill = bill;
        this.error = "";
      } catch (problem) {
        if (asked === this.wanted) this.error = problem.message;
      }
    },
    choose(month) {
      this.wanted = month;
      this.bill = null;
      this.error = "";
      history.replaceState(null, "", month ? `?month=${month}` : location.pathname);
      this.look();
    },
    move(by) {
      const [year, month] = this.month.split("-").map(Number);
      if (!year) return;
      const place = year * 12 + month - 1 + by;
      this.choose(`${String(Math.floor(place / 12)).padStart(4, "0")}-${String((place % 12) + 1).padStart(2, "0")}`);
    },
    address(path) { return tollAddress(this.corpid, path); },
    lineAddress(line) { return this.address(`/lines/${encodeURIComponent(line.meter)}?month=${this.bill.month}`); },
    file(format) {
      const asked = window.tollbooth.query({ month: this.month, format, lang: this.zh ? "zh" : "en" });
      return `${window.tollbooth.prefix}/api/_sim/corps/${encodeURIComponent(this.corpid)}/statement${asked}`;
    },
    title(line) { return this.zh ? line.title_zh : line.title_en; },
    price(line) {
      if (line.note_en) return this.texts.no_price;
      if (line.unit_price === null) return line.model === "unpriced" ? "" : this.texts[`model_${line.model}`];
      return `${this.grouped(line.unit_price)} / ${line.model === "package" ? this.texts.package : this.texts[`per_${line.per}`]}`;
    },
    equals(line) {
      const exact = line.steps.reduce((sum, step) => sum + Number(step.amount), 0);
      return Math.abs(exact - Number(line.amount)) < 1e-9 ? "=" : "≈";
    },
    shareOf(line) { return Number(this.bill.total) > 0 ? Math.max(0, (Number(line.amount) / Number(this.bill.total)) * 100) : 0; },
    grouped,
  },
};
