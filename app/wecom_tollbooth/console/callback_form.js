// A form for the address where an app receives callbacks. The server verifies the address before it keeps it.
export default {
  props: { corpid: String, apps: Array, texts: Object, readOnly: Boolean },
  template: `
    <form class="form" @submit.prevent="save" :aria-label="texts.form">
      <label v-if="apps.length > 1" class="field">
        <span>{{ texts.app }}</span>
        <select v-model.number="agentid" @change="choose" name="agentid">
          <option v-for="app in apps" :key="app.agentid" :value="app.agentid">{{ app.name }} · {{ app.agentid }}</option>
        </select>
      </label>
      <label class="field">
        <span>{{ texts.url }}</span>
        <input v-model.trim="url" name="url" type="url" inputmode="url" autocomplete="off" spellcheck="false"
          placeholder="http://127.0.0.1:9000/callback" :disabled="readOnly">
      </label>
      <details>
        <summary>{{ texts.keys }}</summary>
        <label class="field">
          <span>Token</span>
          <input v-model.trim="token" name="token" autocomplete="off" spellcheck="false" maxlength="32"
            :placeholder="texts.unchanged" :disabled="readOnly">
        </label>
        <label class="field">
          <span>EncodingAESKey</span>
          <input v-model.trim="key" name="encoding_aes_key" autocomplete="off" spellcheck="false" maxlength="43"
            :placeholder="texts.unchanged" :disabled="readOnly">
        </label>
      </details>
      <div class="form-actions">
        <button type="submit" class="act primary" :disabled="readOnly || busy">
          {{ busy ? texts.verifying : url ? texts.verify : texts.remove }}
        </button>
        <p v-if="state" role="status" :class="['form-state', state]">
          <strong>{{ texts[state] }}</strong> <span v-if="sentence">{{ sentence }}</span>
        </p>
      </div>
    </form>`,
  data() {
    const app = this.apps.find((one) => one.callback_url) ?? this.apps[0] ?? {};
    return { agentid: app.agentid, url: app.callback_url ?? "", token: "", key: "", busy: false, state: "", sentence: "" };
  },
  methods: {
    choose() {
      this.url = this.apps.find((one) => one.agentid === this.agentid).callback_url;
      this.state = this.sentence = "";
    },
    async save() {
      this.busy = true;
      this.state = this.sentence = "";
      const wanted = { url: this.url };
      if (this.token) wanted.token = this.token;
      if (this.key) wanted.encoding_aes_key = this.key;
      try {
        const kept = await tollbooth.control(this.corpid, "PUT", `/apps/${this.agentid}/callback`, wanted);
        this.apps.find((one) => one.agentid === this.agentid).callback_url = kept.url;
        this.state = kept.url ? "verified" : "removed";
        this.token = this.key = "";
        window.dispatchEvent(new CustomEvent("tollbooth-callback-address"));
      } catch (error) {
        this.state = "refused";
        this.sentence = error.message;
      } finally {
        this.busy = false;
      }
    },
  },
};
