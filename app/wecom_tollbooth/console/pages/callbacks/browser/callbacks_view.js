// The list of callbacks while they are raised, and the panel of one. The server renders nothing for it.
import EndpointHealth from "tollbooth-callbacks/health.js";
import CallbackPanel from "tollbooth-callbacks/panel.js";

const KEPT = 200, PAGE = 50, MILLISECONDS = 1000;
const STATES = ["waiting", "delivered", "failed", "dropped", "kept"];

export default {
  components: { EndpointHealth, CallbackPanel },
  props: { corpid: String, apps: Array, texts: Object, language: String, readOnly: Boolean, shown: String },
  template: `
    <div class="live">
      <EndpointHealth :corpid="corpid" :apps="apps" :texts="texts" :read-only="readOnly" :time="time" :fill="fill" />
      <div class="live-bar">
        <label class="field"><span>{{ texts.filter_event }}</span>
          <select v-model="filter.event" @change="begin"><option value="">{{ texts.all }}</option>
            <option v-for="name in eventNames" :key="name">{{ name }}</option></select></label>
        <label class="field"><span>{{ texts.filter_app }}</span>
          <select v-model="filter.agentid" @change="begin"><option value="">{{ texts.all }}</option>
            <option v-for="app in apps" :key="app.agentid" :value="app.agentid">{{ app.name }}</option></select></label>
        <label class="field"><span>{{ texts.filter_state }}</span>
          <select v-model="filter.state" @change="begin"><option value="">{{ texts.all }}</option>
            <option v-for="state in states" :key="state" :value="state">{{ texts["state_" + state] }}</option></select></label>
        <span class="live-space"></span>
        <span :class="['live-state', paused ? 'warn' : 'good']" role="status">{{ paused ? texts.stopped : texts.live }}</span>
        <button type="button" class="act" :aria-pressed="paused" @click="paused = !paused">{{ paused ? texts.go_on : texts.pause }}</button>
      </div>
      <div v-if="rows.length" class="live-actions" role="group">
        <span class="faint">{{ fill(texts.selected, { count: chosen.length }) }}</span>
        <button type="button" class="act" :disabled="!can" @click="again(chosen, 1)">{{ texts.replay }}</button>
        <button type="button" class="act" :disabled="!can" @click="again(chosen, 2)">{{ texts.twice }}</button>
        <button type="button" class="act" :disabled="!can || chosen.length < 2" @click="again(chosen, 1, 'shuffled')">{{ texts.shuffle }}</button>
        <button type="button" class="act" :disabled="!can || chosen.length > 50" @click="again(chosen, 20)">{{ texts.burst }}</button>
        <span v-if="said" role="status" :class="wrong ? 'bad' : 'good'">{{ said }}</span>
      </div>
      <p v-if="error" class="live-error" role="alert">{{ texts.failed_to_load }}：{{ error }}
        <button type="button" class="act" @click="look">{{ texts.retry }}</button></p>
      <p v-if="loading && !rows.length && !error" class="state">{{ texts.loading }}</p>
      <p v-else-if="!rows.length && !error" class="state">{{ filtered ? texts.empty_filtered : texts.empty }}</p>
      <div v-else-if="rows.length" class="table-box"><table class="rows live-rows"><colgroup><col style="width:44px"><col style="width:96px"><col><col style="width:110px"><col style="width:130px"><col style="width:140px"></colgroup>
        <thead><tr>
          <th><input type="checkbox" :aria-label="texts.select_all" :checked="chosen.length === rows.length" @change="all($event.target.checked)"></th>
          <th>{{ texts.time }}</th><th>{{ texts.event }}</th><th>{{ texts.state }}</th><th>{{ texts.attempts }}</th><th>{{ texts.app }}</th>
        </tr></thead>
        <tbody><tr v-for="row in rows" :key="row.id" :class="{ open: String(row.id) === open }" @click="pick(row, $event)">
          <td class="cell-check"><input v-model="chosen" type="checkbox" :value="row.id" :aria-label="fill(texts.select, { id: row.id })"></td>
          <td class="cell-time mono">{{ row.clock }}</td>
          <td class="cell-main"><a :href="address(row.id)" @click.exact.prevent.stop="show(row.id)">{{ row.change_type || row.event }}</a>
            <span v-if="row.change_type" class="faint">{{ row.event }}</span>
            <span v-if="row.copy_of" class="chip">{{ fill(texts.copy_of, { id: row.copy_of }) }}</span></td>
          <td class="cell-code"><span :class="['chip', chips[row.state]]">{{ texts["state_" + row.state] }}</span></td>
          <td class="cell-number">{{ row.attempts.length }}<span v-if="row.last" class="faint"> · {{ row.last }}</span></td>
          <td class="cell-app faint">{{ name(row.agentid) }}</td>
        </tr></tbody>
      </table></div>
      <button v-if="next && rows.length < kept" type="button" class="act" @click="older">{{ texts.older }}</button>
      <CallbackPanel v-if="open" :id="open" ref="panel" :corpid="corpid" :texts="texts" :language="language" :read-only="readOnly" :time="time" :fill="fill"
        @close="hide" @again="(id, copies) => again([id], copies)" />
    </div>`,
  data() {
    const given = new URLSearchParams(location.search);
    return {
      rows: [], chosen: [], next: null, loading: true, paused: false, error: "", said: "", wrong: false, open: this.shown || "",
      filter: { event: given.get("event") ?? "", agentid: given.get("agentid") ?? "", state: given.get("state") ?? "" },
      eventNames: [], states: STATES, kept: KEPT,
      chips: { delivered: "good", waiting: "warn", failed: "bad", dropped: "bad", kept: "" },
    };
  },
  computed: {
    can() { return this.chosen.length > 0 && !this.readOnly; },
    filtered() { return Object.values(this.filter).some(Boolean); },
  },
  created() {
    const options = { timeZone: "Asia/Shanghai", hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit" };
    this.clock = new Intl.DateTimeFormat(this.language, options);
    this.calendar = new Intl.DateTimeFormat(this.language, { ...options, year: "numeric", month: "2-digit", day: "2-digit" });
    this.asked = 0;
  },
  mounted() {
    this.stop = tollbooth.watch(() => (this.paused ? undefined : this.look()), MILLISECONDS);
    window.addEventListener("popstate", this.back);
    this.names();
  },
  beforeUnmount() {
    this.stop();
    window.removeEventListener("popstate", this.back);
  },
  methods: {
    time(at, day = false) { return (day ? this.calendar : this.clock).format(at * 1000); },
    fill: (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]),
    name(agentid) { return this.apps.find((app) => app.agentid === agentid)?.name ?? agentid; },
    base() { return `${tollbooth.prefix}/corps/${encodeURIComponent(this.corpid)}/callbacks`; },
    address(id) { return `${this.base()}/${id}`; },
    query(more) { return tollbooth.query({ newest: true, limit: PAGE, ...this.filter, ...more }); },
    async names() {
      try {
        const { events } = await tollbooth.sim("GET", "/events");
        this.eventNames = [...new Set(events.map((one) => one.event))].sort();
      } catch { /* the list says it */ }
    },
    begin() {
      this.rows = [];
      this.chosen = [];
      this.loading = true;
      history.replaceState(history.state, "", this.base() + tollbooth.query(this.filter));
      this.look();
    },
    async look() {
      const asked = ++this.asked;
      try {
        const { callbacks, next } = await tollbooth.control(this.corpid, "GET", `/callbacks${this.query()}`);
        if (asked !== this.asked) return; // the filters changed meanwhile
        const behind = callbacks.length ? this.rows.filter((row) => row.id < callbacks.at(-1).id) : [];
        const open = this.rows.find((row) => String(row.id) === this.open);
        this.rows = [...callbacks.map(this.row), ...behind].slice(0, KEPT);
        if (!behind.length) this.next = next;
        const now = this.rows.find((row) => String(row.id) === this.open);
        if (open && now && (open.state !== now.state || open.attempts.length !== now.attempts.length)) this.$refs.panel?.load();
        this.error = "";
      } catch (error) {
        if (asked === this.asked) this.error = error.message;
      }
      this.loading = false;
    },
    row(one) {
      const last = one.attempts.at(-1);
      return { ...one, xml: "", clock: this.time(one.at), last: last ? (last.status ? `HTTP ${last.status}` : last.error) : "" };
    },
    async older() {
      try {
        const { callbacks, next } = await tollbooth.control(this.corpid, "GET", `/callbacks${this.query({ before: this.next })}`);
        const known = new Set(this.rows.map((row) => row.id));
        this.rows = [...this.rows, ...callbacks.filter((one) => !known.has(one.id)).map(this.row)].slice(0, KEPT);
        this.next = next;
      } catch (error) { this.error = error.message; }
    },
    all(on) { this.chosen = on ? this.rows.map((row) => row.id) : []; },
    pick(row, event) { if (!event.target.closest("input, a, .cell-check")) this.show(row.id); },
    show(id) {
      if (!this.open) this.opener = document.activeElement;
      this.open = String(id);
      history.pushState({}, "", this.address(id));
    },
    hide() {
      this.open = "";
      history.pushState({}, "", this.base() + tollbooth.query(this.filter));
      this.opener?.focus?.();
    },
    back() { this.open = decodeURIComponent(location.pathname.slice(this.base().length + 1)); },
    // Oldest first, as they were raised.
    async again(ids, copies, order = "given") {
      this.said = "";
      try {
        const sorted = [...ids].sort((a, b) => a - b);
        const came = await tollbooth.control(this.corpid, "POST", "/callbacks/replay", { ids: sorted, copies, order });
        this.said = this.fill(this.texts.sent_again, { count: came.ids.length });
        this.wrong = false;
        this.chosen = [];
        this.look();
      } catch (error) { [this.said, this.wrong] = [error.message, true]; }
    },
  },
};
