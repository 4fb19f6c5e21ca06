// The customers of a corp: filters in the address, pages by cursor, one request at a time.
const FILTERS = ["find", "userid", "tag_id", "stage_id", "oldest_first"];
const SIZE = 50;
const LOOKED_AT = 4000;

export default {
  template: `
    <div>
      <form class="cu-filters" role="search" @submit.prevent="changed">
        <label class="field cu-find"><span>{{ t("find") }}</span>
          <input type="search" v-model.trim="wanted.find" :placeholder="t('find_hint')" maxlength="64" @input="typed">
        </label>
        <label class="field" v-for="one in choices" :key="one.key"><span>{{ one.label }}</span>
          <select v-model="wanted[one.key]" @change="changed">
            <option value="">{{ t("any") }}</option>
            <option v-for="option in one.options" :key="option.value" :value="option.value">{{ option.text }}</option>
          </select>
        </label>
        <button type="button" class="cu-button" v-if="filtered" @click="clear">{{ t("clear") }}</button>
      </form>
      <div class="cu-bar">
        <span class="faint" role="status">
          <template v-if="busy && looked">{{ t("searching", { count: number(looked) }) }}</template>
          <template v-else-if="busy">{{ t("loading") }}</template>
          <template v-else-if="stopped">{{ t("stopped") }}</template>
          <template v-else-if="rows.length">{{ t("page", { from: number(before + 1), to: number(before + rows.length) }) }} · {{ t("contacts", { count: number(contacts) }) }}</template>
        </span>
        <span class="buttons">
          <button type="button" class="cu-button" v-if="busy && looked" @click="stop">{{ t("stop") }}</button>
          <button type="button" class="cu-button" :disabled="!earlier.length" @click="back">{{ t("previous") }}</button>
          <button type="button" class="cu-button" :disabled="!next || busy" @click="forward">{{ t("next") }}</button>
        </span>
      </div>
      <div class="state state-error" role="alert" v-if="problem">
        <span>{{ problem }}</span><button type="button" class="cu-button" @click="load">{{ t("again") }}</button>
      </div>
      <div class="state state-empty" v-else-if="!busy && !rows.length && !stopped">{{ t(filtered ? "none" : "empty") }}</div>
      <div class="table-box" v-else-if="rows.length">
        <table class="rows cu-table" :aria-busy="busy">
          <thead><tr>
            <th scope="col">{{ t("name") }}</th><th scope="col">{{ t("followers") }}</th><th scope="col">{{ t("tags") }}</th>
            <th scope="col">{{ t("stages") }}</th>
            <th scope="col" :aria-sort="sortable ? (wanted.oldest_first ? 'ascending' : 'descending') : null">
              <button type="button" class="cu-sort" v-if="sortable" @click="turn" :title="t(wanted.oldest_first ? 'oldest' : 'newest')">{{ t("added") }} {{ wanted.oldest_first ? "↑" : "↓" }}</button>
              <template v-else>{{ t("added") }}</template>
            </th>
          </tr></thead>
          <tbody><tr v-for="one in rows" :key="one.external_userid">
            <td><a class="cu-name" :href="links + encodeURIComponent(one.external_userid)">{{ one.name || one.external_userid }}</a>
              <span class="faint" v-if="one.type === 2"> @{{ one.corp_name || t("wecom") }}</span>
              <span class="cu-id mono">{{ one.external_userid }}</span></td>
            <td class="cu-lines"><div v-for="by in one.followers" :key="by.userid">{{ by.name }}<span class="faint" v-if="by.remark"> · {{ by.remark }}</span><span class="faint" v-for="phone in by.mobiles" :key="phone"> · {{ phone }}</span></div>
              <span class="faint" v-if="!one.followers.length">{{ t("former") }}</span></td>
            <td><div class="cu-chips" v-if="tagsOf(one).length"><span class="chip" v-for="tag in tagsOf(one)" :key="tag.tag_id">{{ tag.name }}</span></div></td>
            <td><div class="cu-chips" v-if="one.stages.length"><span class="chip" v-for="stage in one.stages" :key="stage.userid + stage.stage_id">{{ stage.name }}</span></div></td>
            <td class="cu-when">{{ time(one.created_at) }}</td>
          </tr></tbody>
        </table>
      </div>
    </div>`,
  props: { corpid: String, language: String, texts: Object, links: String },
  data() {
    return {
      wanted: {}, known: { members: [], tags: [], stages: [] }, rows: [], next: "", cursor: "", before: 0, earlier: [],
      contacts: 0, busy: true, looked: 0, stopped: false, problem: "", asked: 0,
    };
  },
  computed: {
    filtered() { return FILTERS.slice(0, 4).some((name) => this.wanted[name]); },
    sortable() { return this.wanted.userid ? !this.wanted.stage_id : !this.filtered; },
    choices() {
      const known = this.known;
      return [
        { key: "userid", label: this.t("member"), options: known.members.map((one) => ({ value: one.userid, text: one.name })) },
        { key: "tag_id", label: this.t("tag"), options: known.tags.map((one) => ({ value: one.tag_id, text: `${one.group_name} / ${one.name}` })) },
        { key: "stage_id", label: this.t("stage"), options: known.stages.map((one) => ({ value: one.stage_id, text: `${one.name} (${this.number(one.records)})` })) },
      ];
    },
  },
  created() {
    this.read();
    addEventListener("popstate", this.returned);
    this.load();
    tollbooth.control(this.corpid, "GET", "/customer_filters").then((known) => { this.known = known; }, (error) => { this.problem = error.message; });
  },
  beforeUnmount() { removeEventListener("popstate", this.returned); },
  methods: {
    t(name, values = {}) { return this.texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]); },
    number(value) { return value.toLocaleString("en-US"); },
    time(at) { return new Intl.DateTimeFormat(this.language, { timeZone: "Asia/Shanghai", dateStyle: "medium", timeStyle: "short" }).format(at * 1000); },
    tagsOf(one) {
      const tags = one.followers.flatMap((by) => by.tags);
      return tags.filter((tag, place) => tags.findIndex((other) => other.tag_id === tag.tag_id) === place);
    },
    read() {
      const address = new URLSearchParams(location.search);
      this.wanted = Object.fromEntries(FILTERS.map((name) => [name, address.get(name) ?? ""]));
      this.cursor = address.get("cursor") ?? "";
      ({ before: this.before, earlier: this.earlier } = history.state?.customers ?? { before: 0, earlier: [] });
    },
    keep(push) {
      const parts = tollbooth.query({ ...this.wanted, cursor: this.cursor });
      const state = { ...history.state, customers: JSON.parse(JSON.stringify({ before: this.before, earlier: this.earlier })) };
      history[push ? "pushState" : "replaceState"](state, "", location.pathname + parts);
    },
    returned() { this.read(); this.load(); },
    typed() { clearTimeout(this.timer); this.timer = setTimeout(this.changed, 300); },
    changed() {
      clearTimeout(this.timer);
      Object.assign(this, { cursor: "", before: 0, earlier: [] });
      this.keep(false);
      return this.load();
    },
    clear() { FILTERS.forEach((name) => { this.wanted[name] = ""; }); this.changed(); },
    turn() { this.wanted.oldest_first = this.wanted.oldest_first ? "" : "true"; this.changed(); },
    forward() {
      this.earlier = [...this.earlier, { cursor: this.cursor, before: this.before }];
      Object.assign(this, { cursor: this.next, before: this.before + this.rows.length });
      this.keep(true);
      this.load();
    },
    back() {
      const last = this.earlier.at(-1);
      Object.assign(this, { ...last, earlier: this.earlier.slice(0, -1) });
      this.keep(true);
      this.load();
    },
    stop() { this.asked += 1; Object.assign(this, { busy: false, stopped: true }); },
    async load() {
      const asked = ++this.asked;
      Object.assign(this, { busy: true, looked: 0, stopped: false, problem: "" });
      const rows = [];
      let cursor = this.cursor;
      try {
        // A filtered page may be short: the server looks at so many rows in a request, and goes on where it was.
        do {
          const wanted = tollbooth.query({ ...this.wanted, cursor, limit: SIZE - rows.length });
          // The page's head has asked already, while the scripts were loading.
          const early = window.tollboothCustomers;
          window.tollboothCustomers = undefined;
          const page = await (early ?? tollbooth.control(this.corpid, "GET", `/customers${wanted}`));
          if (asked !== this.asked) return;
          rows.push(...page.customers);
          cursor = page.next_cursor;
          Object.assign(this, { rows: [...rows], next: cursor, contacts: page.contacts });
          if (rows.length < SIZE && cursor) this.looked += LOOKED_AT;
        } while (rows.length < SIZE && cursor);
        this.busy = false;
      } catch (error) {
        if (asked === this.asked) Object.assign(this, { busy: false, problem: error.message, rows: [] });
      }
    },
  },
};
