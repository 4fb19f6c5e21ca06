// The list of calls while they arrive, and the panel of one. The server renders nothing for it.
import { operations, short } from "tollbooth-calls/operations.js";
import CallPanel from "tollbooth-calls/panel.js";

const KEPT = 200, FIRST = 100, MORE = 50;
// At most four updates a second; one where more calls come than anybody reads, and two where none come.
const QUICK = 250, QUIET = 500, FULL = 1000;

export default {
  components: { CallPanel },
  props: { corpid: String, apps: Array, texts: Object, language: String, readOnly: Boolean, shown: String },
  template: `
    <div class="live">
      <form class="live-bar" @submit.prevent="find">
        <label class="field wide"><span>{{ texts.hint }}</span>
          <input v-model="pasted" name="hint" autocomplete="off" spellcheck="false" placeholder="hint: [1796099368000000000000042]"></label>
        <button type="submit" class="act primary">{{ texts.go }}</button>
        <span v-if="notFound" class="bad" role="alert">{{ texts.no_hint }}</span>
      </form>
      <div class="live-bar">
        <label class="field wide"><span>{{ texts.operation }}</span>
          <input v-model.trim="filter.path" name="operation" list="calls-operations" autocomplete="off" spellcheck="false"
            :placeholder="texts.all" @change="begin">
          <datalist id="calls-operations"><option v-for="one in known?.all ?? []" :key="one.path" :value="short(one.path)">{{ one.title }}</option></datalist></label>
        <label class="field narrow"><span>{{ texts.errcode }}</span>
          <input v-model.trim="filter.errcode" name="errcode" inputmode="numeric" pattern="-?[0-9]*" autocomplete="off" :placeholder="texts.all" @change="begin"></label>
        <label class="field"><span>{{ texts.app }}</span>
          <select v-model="filter.agentid" name="app" @change="begin"><option value="">{{ texts.all }}</option>
            <option v-for="app in apps" :key="app.agentid" :value="String(app.agentid)">{{ app.name }}</option></select></label>
        <label class="live-check"><input v-model="filter.refused" type="checkbox" name="refused" @change="begin">{{ texts.only_refused }}</label>
        <span class="live-space"></span>
        <span :class="['live-state', paused ? 'warn' : 'good']" role="status">{{ paused ? texts.stopped : texts.live }}</span>
        <button type="button" class="act" :aria-pressed="paused" @click="paused = !paused">{{ paused ? texts.go_on : texts.pause }}</button>
      </div>
      <p v-if="error" class="live-error" role="alert">{{ texts.failed_to_load }}：{{ error }}
        <button type="button" class="act" @click="look">{{ texts.retry }}</button></p>
      <p v-if="rows.some((row) => row.gap)" class="live-note">{{ texts.more }}</p>
      <p v-if="loading && !rows.length && !error" class="state">{{ texts.loading }}</p>
      <p v-else-if="!rows.length && !error" class="state">{{ filtered ? texts.empty_filtered : texts.empty }}</p>
      <div v-else-if="rows.length" class="table-box"><table class="rows live-rows">
        <colgroup><col style="width:88px"><col style="width:31%"><col style="width:92px"><col style="width:96px"><col style="width:92px"><col style="width:130px"><col></colgroup>
        <thead><tr>
          <th>{{ texts.time }}</th><th>{{ texts.operation }}</th><th>{{ texts.errcode }}</th><th class="number">{{ texts.ms }}</th>
          <th class="number">{{ texts.price }}</th><th>{{ texts.app }}</th><th>{{ texts.why }}</th>
        </tr></thead>
        <tbody><tr v-for="row in rows" :key="row.seq" v-memo="[row, row.hint === open, known]" :class="{ open: row.hint === open, gap: row.gap }" @click="pick(row, $event)">
          <td class="cell-time mono">{{ row.clock }}</td>
          <td class="cell-main"><a :href="address(row.hint)" @click.exact.prevent.stop="show(row.hint)">{{ short(row.path) }}</a>
            <div class="faint">{{ title(row.path) }}</div></td>
          <td class="cell-code"><span :class="['chip', row.errcode === 0 ? 'good' : 'bad']">{{ row.errcode ?? "HTTP " + row.http_status }}</span></td>
          <td class="cell-number number">{{ row.ms }} ms</td>
          <td class="cell-number number">{{ price(row) }}</td>
          <td class="cell-app faint">{{ name(row.agentid) }}</td>
          <td class="cell-why">{{ row.detail }}</td>
        </tr></tbody>
      </table></div>
      <CallPanel v-if="open" :id="open" :corpid="corpid" :texts="texts" :read-only="readOnly" :language="language" :time="time" :fill="fill" :price="price"
        @close="hide" />
    </div>`,
  data() {
    const given = new URLSearchParams(location.search);
    return {
      rows: [], loading: true, paused: false, error: "", pasted: "", notFound: false, open: this.shown || "", known: null,
      filter: {
        path: given.get("path") ?? "", errcode: given.get("errcode") ?? "", agentid: given.get("agentid") ?? "",
        refused: given.get("refused") === "true", fault: given.get("fault") ?? "",
      },
    };
  },
  computed: {
    filtered() { return Object.values(this.filter).some(Boolean); },
  },
  created() {
    const options = { timeZone: "Asia/Shanghai", hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit" };
    this.clock = new Intl.DateTimeFormat("zh-CN", options);
    this.calendar = new Intl.DateTimeFormat(this.language, { ...options, year: "numeric", month: "2-digit", day: "2-digit" });
    this.after = 0;
    this.asked = 0;
  },
  mounted() {
    operations().then((known) => { this.known = known; }).catch((error) => { this.error = error.message; });
    window.addEventListener("popstate", this.back);
    document.addEventListener("visibilitychange", this.wake);
    this.again();
  },
  beforeUnmount() {
    this.over = true;
    clearTimeout(this.timer);
    window.removeEventListener("popstate", this.back);
    document.removeEventListener("visibilitychange", this.wake);
  },
  methods: {
    short,
    time(at, day = false) { return (day ? this.calendar : this.clock).format(at * 1000); },
    fill: (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]),
    name(agentid) { return this.apps.find((app) => app.agentid === agentid)?.name ?? (agentid || "—"); },
    base() { return `${tollbooth.prefix}/corps/${encodeURIComponent(this.corpid)}/calls`; },
    address(hint) { return `${this.base()}/${hint}`; },
    // WeCom's titles are Chinese; an English reader sees the chapter.
    title(path) {
      const operation = this.known?.of(path);
      return (this.language === "zh-CN" ? operation?.title : operation?.family_title_en) ?? "";
    },
    // What is refused is free, and so is what the price book has no price for.
    price(call) {
      const operation = this.known?.of(call.path);
      if (!this.known) return "";
      if (call.errcode !== 0 || !operation?.priced) return "—";
      if (operation.price === null) return this.texts.by_plan;
      return Number(operation.price) === 0 ? this.texts.free : (operation.currency === "CNY" ? "¥" : `${operation.currency} `) + operation.price;
    },
    asFilter() {
      const { path, refused, ...others } = this.filter;
      return { ...others, path: path && !path.startsWith("/") ? `/cgi-bin/${path}` : path, refused: refused || "" };
    },
    begin() {
      this.rows = [];
      this.after = 0;
      this.loading = true;
      history.replaceState(history.state, "", this.base() + tollbooth.query({ ...this.filter, refused: this.filter.refused || "" }));
      this.wake();
    },
    wake() {
      if (document.hidden) return;
      clearTimeout(this.timer);
      this.again();
    },
    async again() {
      const turn = (this.turn = (this.turn ?? 0) + 1);
      const wait = document.hidden || this.paused ? QUIET : await this.look();
      // Somebody changed a filter meanwhile, and another turn is under way.
      if (!this.over && turn === this.turn) this.timer = setTimeout(this.again, wait);
    },
    async look() {
      const asked = ++this.asked, after = this.after;
      try {
        const query = tollbooth.query({ ...this.asFilter(), after, limit: after ? MORE : FIRST });
        const reply = await tollbooth.control(this.corpid, "GET", `/calls/latest${query}`);
        if (asked !== this.asked) return QUICK;
        this.error = "";
        if (reply.after < after) { // back to a snapshot
          this.rows = [];
          this.after = 0;
          return QUICK;
        }
        this.after = reply.after;
        return this.take(reply, after);
      } catch (error) {
        if (asked === this.asked) this.error = error.message;
        return FULL;
      } finally {
        if (asked === this.asked) this.loading = false;
      }
    },
    take({ calls, more }, after) {
      const known = new Set(this.rows.map((row) => row.seq));
      const fresh = calls.filter((call) => !known.has(call.seq)).map((call) => Object.freeze({
        ...call, clock: this.time(call.at), ms: (call.duration_us / 1000).toFixed(call.duration_us < 100_000 ? 1 : 0),
        gap: false,
      }));
      if (more && after && fresh.length) fresh.push(Object.freeze({ ...fresh.pop(), gap: true }));
      if (fresh.length) this.rows = [...fresh, ...this.rows].slice(0, KEPT);
      return more && after ? FULL : fresh.length ? QUICK : QUIET;
    },
    find() {
      const [hint] = this.pasted.match(/\d{25}/) ?? this.pasted.match(/^\s*\d{1,15}\s*$/) ?? [];
      this.notFound = !hint;
      if (!hint) return;
      this.pasted = "";
      this.show(hint.trim());
    },
    pick(row, event) { if (!event.target.closest("a")) this.show(row.hint); },
    show(hint) {
      if (!this.open) this.opener = document.activeElement;
      this.open = hint;
      history.pushState({}, "", this.address(hint));
    },
    hide() {
      this.open = "";
      history.pushState({}, "", this.base() + tollbooth.query({ ...this.filter, refused: this.filter.refused || "" }));
      this.opener?.focus?.();
    },
    back() { this.open = decodeURIComponent(location.pathname.slice(this.base().length + 1)); },
  },
};
