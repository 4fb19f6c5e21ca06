// One event: plain XML, attempts with their answers, and the encrypted requests.
export default {
  props: { corpid: String, id: String, texts: Object, language: String, readOnly: Boolean, time: Function, fill: Function },
  emits: ["close", "again"],
  template: `
    <aside class="live-panel" role="dialog" :aria-label="texts.detail" tabindex="-1" ref="panel" @keydown.esc="$emit('close')">
      <header class="live-panel-head">
        <h2>{{ callback ? label : texts.detail }}</h2>
        <button type="button" class="act" @click="$emit('close')">{{ texts.close }}</button>
      </header>
      <p v-if="error" class="live-error" role="alert">{{ texts.failed_to_load }}：{{ error }}</p>
      <p v-else-if="!callback" class="faint">{{ texts.loading }}</p>
      <template v-else>
        <dl class="facts">
          <dt>{{ texts.state }}</dt><dd><span :class="['chip', chips[callback.state]]">{{ texts["state_" + callback.state] }}</span>
            <span v-if="callback.copy_of" class="faint"> {{ fill(texts.copy_of, { id: callback.copy_of }) }}</span></dd>
          <dt>{{ texts.time }}</dt><dd>{{ time(callback.at, true) }}</dd>
          <dt>{{ texts.app }}</dt><dd>{{ callback.agentid }}</dd>
          <dt>ID</dt><dd class="mono">{{ callback.id }}</dd>
        </dl>
        <div class="live-actions">
          <button type="button" class="act primary" :disabled="readOnly" @click="$emit('again', callback.id, 1)">{{ texts.replay }}</button>
          <button type="button" class="act" :disabled="readOnly" @click="$emit('again', callback.id, 2)">{{ texts.twice }}</button>
          <button type="button" class="act" :disabled="readOnly" @click="$emit('again', callback.id, 20)">{{ texts.burst }}</button>
        </div>
        <section>
          <h3>{{ texts.attempts }}</h3>
          <p v-if="!callback.attempts.length" class="faint">{{ texts.no_attempts }}</p>
          <ol class="attempts">
            <li v-for="one in callback.attempts" :key="one.number">
              <div><strong>{{ fill(texts.attempt, { number: one.number }) }}</strong>
                <span :class="['chip', one.status === 200 ? 'good' : 'bad']">{{ one.status ? "HTTP " + one.status : texts.no_answer }}</span>
                <span class="faint">{{ time(one.at) }} · {{ one.duration_ms }} ms</span></div>
              <div class="mono faint">{{ one.url }}</div>
              <div v-if="one.error" class="bad">{{ one.error }}</div>
              <div v-if="one.answer"><span class="faint">{{ texts.answer }}</span> <code>{{ one.answer }}</code></div>
              <div v-if="one.reply">{{ one.reply.shown ? texts.reply_shown : texts.reply_hidden + (one.reply[language === "zh-CN" ? "reason_zh" : "reason_en"] ?? "") }}</div>
            </li>
          </ol>
        </section>
        <section>
          <h3>{{ texts.plain }}<button type="button" class="act small" @click="copy(pretty)">{{ copied || texts.copy }}</button></h3>
          <pre class="live-code" tabindex="0" :aria-label="texts.plain">{{ pretty }}</pre>
        </section>
        <section>
          <h3>{{ texts.encrypted }}</h3>
          <p class="faint">{{ requests[0]?.sent ? texts.encrypted_note : texts.encrypted_next }}</p>
          <pre v-for="one in requests" :key="one.number" class="live-code" tabindex="0" :aria-label="texts.encrypted">POST {{ one.url || texts.without_address }}?{{ one.query }}

{{ one.body }}</pre>
        </section>
      </template>
    </aside>`,
  data: () => ({
    callback: null, requests: [], error: "", copied: "",
    chips: { delivered: "good", waiting: "warn", failed: "bad", dropped: "bad", kept: "" },
  }),
  computed: {
    label() { return [this.callback.event, this.callback.change_type].filter(Boolean).join(" / "); },
    // WeCom sends it in one line; elements are easier to read one below the other.
    pretty() {
      let depth = 0;
      // A tag that another one follows ends its line; a CDATA section stays in the line of its element.
      return this.callback.xml.replace(/(<\/?\w+>)\s*(?=<[/\w])/g, "$1\n").split("\n").map((line) => {
        if (line.startsWith("</")) depth -= 1;
        const shown = "  ".repeat(Math.max(0, depth)) + line;
        if (/^<\w+>$/.test(line)) depth += 1;
        return shown;
      }).join("\n");
    },
  },
  watch: { id: "load" },
  mounted() {
    this.load();
    this.$refs.panel.focus();
  },
  methods: {
    async load() {
      const id = this.id;
      this.error = "";
      if (String(this.callback?.id) !== id) this.callback = null;
      try {
        const found = await tollbooth.control(this.corpid, "GET", `/callbacks/${encodeURIComponent(id)}`);
        if (id === this.id) [this.callback, this.requests] = [found.callback, found.requests];
      } catch (error) {
        if (id === this.id) this.error = error.message;
      }
    },
    async copy(text) {
      await navigator.clipboard.writeText(text);
      this.copied = this.texts.copied;
      setTimeout(() => { this.copied = ""; }, 1500);
    },
  },
};
