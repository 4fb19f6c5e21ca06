// One call: reason, request, reply, errcode, documentation page, ledger record, and a fault for its operation.
import FaultForm from "tollbooth-calls/fault_form.js";
import { operations, short } from "tollbooth-calls/operations.js";

const HINT = /^\d{25}$/;

export default {
  components: { FaultForm },
  props: { corpid: String, id: String, texts: Object, readOnly: Boolean, language: String, time: Function, fill: Function, price: Function },
  emits: ["close"],
  template: `
    <aside class="live-panel" role="dialog" :aria-label="texts.detail" tabindex="-1" ref="panel" @keydown.esc="$emit('close')">
      <header class="live-panel-head">
        <h2>{{ path ? short(path) : texts.detail }}</h2>
        <button type="button" class="act" @click="$emit('close')">{{ texts.close }}</button>
      </header>
      <p v-if="error" class="live-error" role="alert">{{ texts.failed_to_load }}：{{ error }}</p>
      <p v-else-if="loading" class="faint">{{ texts.loading }}</p>
      <template v-else>
        <p v-if="!call" class="live-why">{{ texts.not_found }}</p>
        <template v-else>
          <p v-if="foreign" class="live-why">{{ texts.no_corp }}</p>
          <p v-if="operation" class="faint">{{ language === "zh-CN" ? operation.title : operation.family_title_en }}</p>
          <p v-if="call.detail" class="live-why"><strong>{{ texts.why }}</strong><br>{{ call.detail }}</p>
          <dl class="facts">
            <dt>{{ texts.errcode }}</dt><dd><span :class="['chip', good ? 'good' : 'bad']">{{ code }}</span></dd>
            <dt>{{ texts.time }}</dt><dd>{{ time(call.at, true) }}</dd>
            <dt>{{ texts.ms }}</dt><dd>{{ (call.duration_us / 1000).toFixed(1) }} ms</dd>
            <dt>{{ texts.price }}</dt><dd>{{ price(flat) }}</dd>
            <dt>{{ texts.app }}</dt><dd>{{ call.agentid || "—" }}</dd>
            <dt>{{ texts.ip }}</dt><dd class="mono">{{ call.request.ip }}</dd>
            <dt>hint</dt><dd class="mono">{{ call.hint }}</dd>
            <template v-if="call.fault"><dt>{{ texts.met_fault }}</dt><dd>{{ call.fault }}</dd></template>
            <template v-if="operation"><dt>{{ texts.doc }}</dt>
              <dd><a :href="operation.doc" target="_blank" rel="noopener">{{ operation.doc }}</a></dd></template>
          </dl>
          <section v-if="call.answer.errcode">
            <h3>{{ texts.explained }}</h3>
            <p><strong>{{ call.answer.errcode }}</strong> {{ text }}</p>
            <p class="faint">{{ answering.length ? fill(texts.answered_by, { count: answering.length }) : texts.any_operation }}<span v-if="answering.length">：<span class="mono">{{ answering.slice(0, 5).join(", ") }}{{ answering.length > 5 ? " …" : "" }}</span></span></p>
            <p><a href="https://developer.work.weixin.qq.com/document/path/90313" target="_blank" rel="noopener">{{ texts.official_list }}</a> ·
              <a :href="'https://open.work.weixin.qq.com/devtool/query?e=' + call.answer.errcode" target="_blank" rel="noopener">{{ texts.lookup }}</a> ·
              <span class="faint">{{ texts.errcodes_page }}</span></p>
          </section>
          <section>
            <h3>{{ texts.request }}<button type="button" class="act small" @click="copy(request)">{{ copied || texts.copy }}</button></h3>
            <pre class="live-code" tabindex="0" :aria-label="texts.request">{{ request }}</pre>
          </section>
          <section>
            <h3>{{ texts.answered }}</h3>
            <pre class="live-code" tabindex="0" :aria-label="texts.answered">{{ reply }}</pre>
            <p class="faint">{{ texts.reply_kept }}{{ texts.request_kept }}</p>
          </section>
        </template>
        <section>
          <h3>{{ texts.ledger }}</h3>
          <p v-if="!record" class="faint">{{ texts.ledger_none }}</p>
          <dl v-else class="facts">
            <dt>{{ texts.meter }}</dt><dd class="mono">{{ record.meter }}</dd>
            <dt>{{ texts.quantity }}</dt><dd>{{ record.quantity }}</dd>
            <dt>{{ texts.charge }}</dt><dd>{{ record.errcode ? texts.refused_free : price({ ...record, path: record.operation, http_status: 200 }) }}</dd>
            <dt>ID</dt><dd><a :href="recordAddress">{{ record.id }} · {{ texts.open_record }}</a></dd>
          </dl>
        </section>
        <FaultForm v-if="operation" :key="id" :corpid="corpid" :path="operation.path" :errcode="call?.answer.errcode ?? 0" :texts="texts" :read-only="readOnly" :fill="fill" />
      </template>
    </aside>`,
  data: () => ({ call: null, record: null, foreign: false, loading: true, error: "", known: null, copied: "" }),
  computed: {
    path() { return this.call?.request.path ?? this.record?.operation ?? ""; },
    operation() { return this.known?.of(this.path); },
    good() { return this.call.answer.errcode === 0; },
    code() { return this.call.answer.errcode ?? `HTTP ${this.call.answer.http_status}`; },
    flat() { return { path: this.path, errcode: this.call.answer.errcode, http_status: this.call.answer.http_status }; },
    text() { return (this.call.answer.errmsg ?? "").replace(/, hint:.*$/s, ""); },
    answering() {
      const has = (one) => one.errors.some((error) => error.errcode === this.call.answer.errcode);
      return (this.known?.all ?? []).filter(has).map((one) => short(one.path));
    },
    request() {
      const { method, path, query, body } = this.call.request;
      let shown = body;
      try { shown = JSON.stringify(JSON.parse(body), null, 2); } catch { /* as it was sent */ }
      return `${method} ${path}${query ? "?" + query : ""}${shown ? "\n\n" + shown : ""}`;
    },
    reply() {
      const { http_status, errcode, errmsg } = this.call.answer;
      const body = errcode === null ? "" : "\n\n" + JSON.stringify({ errcode, errmsg }, null, 2);
      return `HTTP ${http_status}${body}`;
    },
    recordAddress() { return `${tollbooth.prefix}/corps/${encodeURIComponent(this.corpid)}/toll/records/${this.record.id}`; },
  },
  watch: { id: "load" },
  mounted() {
    this.load();
    operations().then((known) => { this.known = known; }).catch(() => {});
    this.$refs.panel.focus();
  },
  methods: {
    short,
    async load() {
      const id = this.id, named = HINT.test(id) ? { hint: id } : { usage_id: id };
      const number = HINT.test(id) ? Number(id.slice(10)) : id;
      [this.loading, this.error, this.call, this.record, this.foreign] = [true, "", null, null, false];
      try {
        const query = tollbooth.query({ ...named, limit: 1 });
        let [call] = (await tollbooth.control(this.corpid, "GET", `/calls${query}`)).calls;
        let foreign = false;
        if (!call && named.hint) {
          [call] = (await tollbooth.sim("GET", `/calls${query}`)).calls;
          foreign = Boolean(call);
        }
        const record = await tollbooth.control(this.corpid, "GET", `/ledger/${number}`).catch((error) => {
          if (error.status === 404) return null;
          throw error;
        });
        if (id === this.id) [this.call, this.foreign, this.record] = [call ?? null, foreign, record];
      } catch (error) {
        if (id === this.id) this.error = error.message;
      }
      if (id === this.id) this.loading = false;
    },
    async copy(text) {
      await navigator.clipboard.writeText(text);
      this.copied = this.texts.copied;
      setTimeout(() => { this.copied = ""; }, 1500);
    },
  },
};
