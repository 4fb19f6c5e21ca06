// The budget of a corp: what is spent so far, and a form that sets, pays and deletes it.
import { grouped, percent } from "tollbooth-toll/numbers.js";

const PAUSE = 2000;

export default {
  props: { corpid: String, texts: Object, budget: Object, readonly: Boolean },
  template: `
    <div class="toll">
      <div v-if="error" class="state state-error toll-state" role="alert"><span class="state-title">{{ texts.failed }}</span><span>{{ error }}</span></div>
      <div v-if="!now" class="state toll-state">{{ texts.none }}</div>
      <div v-else class="card toll-spent">
        <div class="toll-figures">
          <div><span class="faint">{{ texts.spent_so_far }} · {{ now.month }}</span><b class="toll-figure" data-figure="spent">{{ grouped(now.spent) }} <small>{{ now.currency }}</small></b></div>
          <div><span class="faint">{{ texts.left }}</span><b class="toll-figure">{{ grouped(now.left) }}</b></div>
          <div v-if="now.paid !== '0.00'"><span class="faint">{{ texts.paid }}</span><b class="toll-figure">{{ grouped(now.paid) }}</b></div>
        </div>
        <div class="toll-meter toll-wide" role="img" :aria-label="share + ' %'"><span :style="{ width: Math.min(share, 100) + '%' }" :class="{ full: share >= 100 }"></span>
          <i v-for="alert in ticks" :key="alert" :style="{ left: alert + '%' }" :class="{ sent: now.alerts_sent.includes(alert) }"></i></div>
        <p>{{ texts.of_budget.replace("{share}", share) }}
          <span class="chip" :class="now.blocked ? 'bad' : 'good'">{{ now.blocked ? texts.blocked : texts.open }}</span>
          <span v-for="alert in now.alerts_sent" :key="alert" class="chip warn">{{ texts.alerted.replace("{percent}", alert) }}</span></p>
      </div>
      <form class="card toll-form" @submit.prevent="save">
        <h2>{{ now ? texts.change : texts.set }}</h2>
        <label><span>{{ texts.amount }}</span><input v-model="amount" name="amount" inputmode="decimal" required :disabled="readonly" pattern="[0-9]+([.][0-9]{1,2})?"></label>
        <label><span>{{ texts.alerts }}</span><input v-model="alerts" name="alerts" :disabled="readonly" pattern="[0-9]+(%?[ ,，、]+[0-9]+)*%?"></label>
        <fieldset :disabled="readonly"><legend>{{ texts.barrier }}</legend>
          <label class="check"><input type="radio" value="soft" v-model="barrier" name="barrier"><span>{{ texts.soft }}</span></label>
          <label class="check"><input type="radio" value="hard" v-model="barrier" name="barrier"><span>{{ texts.hard }}</span></label>
        </fieldset>
        <div class="toll-buttons">
          <button type="submit" class="choice toll-main" :disabled="readonly || busy">{{ texts.save }}</button>
          <template v-if="now">
            <button type="button" class="choice" :disabled="readonly || busy" @click="pay">{{ texts.pay }}</button>
            <button type="button" class="choice" :disabled="readonly || busy" @click="remove">{{ texts.remove }}</button>
          </template>
        </div>
        <p class="faint" v-if="readonly">{{ texts.read_only }}</p>
        <p class="good" role="status">{{ said }}</p>
      </form>
    </div>`,
  data: () => ({ now: null, amount: "100.00", alerts: "50, 80, 100", barrier: "soft", error: "", said: "", busy: false }),
  computed: {
    share() { return percent(this.now.spent, this.now); },
    ticks() { return this.now.alerts.filter((alert) => alert < 100); },
  },
  mounted() {
    this.take(this.budget);
    this.stop = window.tollbooth.watch(() => this.look(), PAUSE);
  },
  unmounted() { this.stop?.(); },
  methods: {
    take(budget) {
      this.now = budget ?? null;
      if (!budget) return;
      this.amount = budget.amount;
      this.alerts = budget.alerts.join(", ");
      this.barrier = budget.barrier;
    },
    async look() {
      if (!this.now || this.busy) return;
      try {
        const budget = await window.tollbooth.control(this.corpid, "GET", "/budget");
        if (this.now && !this.busy) this.now = budget;
        this.error = "";
      } catch (problem) {
        if (problem.status === 404) this.now = null;
        else this.error = problem.message;
      }
    },
    async change(method, path, body, said) {
      this.busy = true;
      this.said = "";
      try {
        const reply = await window.tollbooth.control(this.corpid, method, path, body);
        this.take(method === "DELETE" ? null : reply);
        this.said = said;
        this.error = "";
      } catch (problem) {
        this.error = problem.message;
      }
      this.busy = false;
    },
    save() {
      const alerts = (this.alerts.match(/[0-9]+/g) ?? []).map(Number);
      return this.change("PUT", "/budget", { amount: this.amount.trim(), alerts, barrier: this.barrier }, this.texts.saved);
    },
    pay() { return this.change("POST", "/budget/pay", {}, this.texts.was_paid); },
    remove() { return this.change("DELETE", "/budget", undefined, this.texts.removed); },
    grouped,
  },
};
