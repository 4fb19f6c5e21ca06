// What twelve months would cost: sliders, a plot of the months under each price book, and the sums.
import { grouped } from "tollbooth-toll/numbers.js";

const PAUSE = 150;
const GROUPS = { contacts: "#1f5fbf", links: "#c77700", calls: "#17713f", seats: "#8a4f9e" };
const WIDTH = 720, HEIGHT = 260, LEFT = 64, BOTTOM = 26, TOP = 10;

export default {
  props: { corpid: String, texts: Object, start: Object, sliders: Array, books: Array, lang: String },
  template: `
    <div class="toll">
      <div class="toll-two">
        <form class="card toll-form" @submit.prevent>
          <div v-for="one in sliders" :key="one.name" class="toll-slider">
            <label :for="'toll-' + one.name">{{ one.title }}</label>
            <output :for="'toll-' + one.name" class="number">{{ shown(one) }}</output>
            <input type="range" :id="'toll-' + one.name" :name="one.name" min="0" :max="one.stops.length - 1" step="1" :value="places[one.name]" :aria-valuetext="shown(one)" @input="slide(one, $event.target.value)">
          </div>
          <fieldset><legend>{{ texts.books }}</legend>
            <label v-for="book in books" :key="book.name" class="check"><input type="checkbox" :value="book.name" v-model="chosen" @change="later"><span>{{ book.title }} <span class="faint mono">{{ book.code }}</span></span></label>
          </fieldset>
          <button type="button" class="choice" @click="reset">{{ texts.reset }}</button>
        </form>
        <div class="toll">
          <div v-if="error" class="state state-error toll-state" role="alert"><span class="state-title">{{ texts.failed }}</span><span>{{ error }}</span></div>
          <div v-else-if="!chosen.length" class="state toll-state">{{ texts.no_book }}</div>
          <div v-else-if="!estimates.length" class="state toll-state" role="status">{{ texts.loading }}</div>
          <template v-else>
            <div class="toll-figures">
              <div v-for="one in estimates" :key="one.price_book" class="card">
                <span class="faint">{{ nameOf(one) }} · {{ texts.year }}</span>
                <b class="toll-figure" :data-figure="one.price_book">{{ grouped(one.year.total) }} <small>{{ one.currency }}</small></b>
              </div>
            </div>
            <figure class="card toll-plot">
              <svg :viewBox="'0 0 ' + width + ' ' + height" role="img" :aria-label="texts.plot">
                <g v-for="tick in ticks" :key="tick.text"><line :x1="left" :x2="width" :y1="tick.y" :y2="tick.y" class="toll-grid"/><text :x="left - 8" :y="tick.y + 4" text-anchor="end">{{ tick.text }}</text></g>
                <rect v-for="bar in bars" :key="bar.key" :x="bar.x" :y="bar.y" :width="bar.width" :height="bar.height" :fill="bar.colour" :fill-opacity="bar.opacity"><title>{{ bar.tip }}</title></rect>
                <text v-for="(label, place) in labels" :key="label.text" :class="{ 'toll-between': place % 3 }" :x="label.x" :y="height - 8" text-anchor="middle">{{ label.text }}</text>
              </svg>
              <figcaption><span v-for="(colour, group) in colours" :key="group"><i :style="{ background: colour }"></i>{{ texts[group] }}</span></figcaption>
              <p v-if="estimates.length > 1" class="faint">{{ texts.side_by_side.replace("{names}", estimates.map(nameOf).join(lang === "en" ? ", " : "、")) }}</p>
            </figure>
            <div class="table-box">
              <table class="rows toll-lines">
                <thead><tr><th>{{ texts.book }}</th><th v-for="(colour, group) in colours" :key="group" class="number">{{ texts[group] }}</th><th class="number">{{ texts.year }}</th></tr></thead>
                <tbody><tr v-for="one in estimates" :key="one.price_book"><td>{{ nameOf(one) }}</td><td v-for="(colour, group) in colours" :key="group" class="number" :data-label="texts[group]">{{ grouped(one.year[group]) }}</td><td class="number toll-amount"><b>{{ grouped(one.year.total) }}</b></td></tr></tbody>
              </table>
            </div>
            <p v-for="note in notes" :key="note" class="warn">{{ note }}</p>
          </template>
        </div>
      </div>
    </div>`,
  data: () => ({ places: {}, chosen: [], estimates: [], error: "", colours: GROUPS, width: WIDTH, height: HEIGHT, left: LEFT }),
  computed: {
    notes() {
      return [...new Set(this.estimates.flatMap((one) => one.notes.map((note) => (this.lang === "en" ? note.note_en : note.note_zh))))];
    },
    most() { return Math.max(0.01, ...this.estimates.flatMap((one) => one.months.map((month) => Number(month.total)))); },
    ticks() {
      // 1, 2 or 5 times a power of ten between lines, at most five of them.
      const rough = this.most / 4, power = 10 ** Math.floor(Math.log10(rough));
      const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
      const lines = [];
      for (let amount = 0; amount <= this.most * 1.0001; amount += step) {
        lines.push({ y: this.level(amount), text: amount.toLocaleString("en", { maximumFractionDigits: 2 }) });
      }
      return lines;
    },
    bars() {
      const bars = [], slot = (WIDTH - LEFT) / 12, width = (slot * 0.76) / this.estimates.length;
      this.estimates.forEach((one, place) => one.months.forEach((month, number) => {
        let below = 0;
        for (const [group, colour] of Object.entries(GROUPS)) {
          const amount = Number(month.amounts[group]);
          if (amount <= 0) continue;
          bars.push({
            key: `${place}-${number}-${group}`, colour, opacity: 1 - 0.3 * (place % 3),
            x: LEFT + slot * (number + 0.12) + width * place, width: Math.max(1, width - 1),
            y: this.level(below + amount), height: this.level(below) - this.level(below + amount),
            tip: `${this.nameOf(one)} ${month.month} ${this.texts[group]} ${this.grouped(month.amounts[group])} ${one.currency}`,
          });
          below += amount;
        }
      }));
      return bars;
    },
    labels() {
      const slot = (WIDTH - LEFT) / 12;
      return this.estimates[0].months.map((month, number) => ({ text: month.month.slice(2), x: LEFT + slot * (number + 0.5) }));
    },
  },
  mounted() {
    const asked = new URLSearchParams(location.search);
    for (const one of this.sliders) {
      const value = asked.has(one.name) ? Number(asked.get(one.name)) : one.value;
      this.places[one.name] = this.nearest(one, value);
    }
    const books = (asked.get("books") ?? "").split(" ").filter((name) => this.books.some((book) => book.name === name));
    this.chosen = books.length ? books : [...new Set([this.books[0].name, this.books.at(-1).name])];
    this.look();
  },
  unmounted() { clearTimeout(this.timer); },
  methods: {
    value(one) { return one.stops[this.places[one.name]] ?? 0; },
    nearest(one, value) {
      let best = 0;
      one.stops.forEach((stop, place) => { if (Math.abs(stop - value) < Math.abs(one.stops[best] - value)) best = place; });
      return best;
    },
    shown(one) {
      const value = this.value(one);
      return one.share ? `${Math.round(value * 1000) / 10} %` : value.toLocaleString("en");
    },
    slide(one, place) {
      this.places[one.name] = Number(place);
      this.later();
    },
    later() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), PAUSE);
    },
    reset() {
      for (const one of this.sliders) this.places[one.name] = this.nearest(one, one.value);
      this.look();
    },
    async look() {
      const values = Object.fromEntries(this.sliders.map((one) => [one.name, this.value(one)]));
      const books = [...this.chosen];
      history.replaceState(null, "", `?${new URLSearchParams({ ...values, books: books.join(" ") })}`);
      if (!books.length) {
        this.estimates = [];
        return;
      }
      const { contacts, new_contacts, seats_base, seats_interop, via_links, growth } = values;
      const calls = Object.fromEntries(this.sliders.filter((one) => one.meter && values[one.name]).map((one) => [one.meter, String(values[one.name])]));
      const number = (this.asked = (this.asked ?? 0) + 1);
      try {
        const body = { contacts, new_contacts, seats_base, seats_interop, calls, via_links: String(via_links), growth: String(growth), price_books: books.map((name) => this.books.find((book) => book.name === name).asked) };
        const reply = await window.tollbooth.sim("POST", "/estimate", body);
        if (number !== this.asked) return;
        this.estimates = reply.estimates;
        this.error = "";
      } catch (problem) {
        if (number === this.asked) this.error = problem.message;
      }
    },
    nameOf(one) { return one.price_book; },
    level(amount) { return TOP + (HEIGHT - BOTTOM - TOP) * (1 - amount / (this.most * 1.05)); },
    grouped,
  },
};
