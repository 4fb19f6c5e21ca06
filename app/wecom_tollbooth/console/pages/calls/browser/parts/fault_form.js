// Plans a fault for the operation of a call.
export default {
  props: { corpid: String, path: String, errcode: Number, texts: Object, readOnly: Boolean, fill: Function },
  template: `
    <details class="fold card">
      <summary>{{ texts.fault }}</summary>
      <form class="form" @submit.prevent="plan">
        <label class="field"><span>{{ texts.fault_effect }}</span>
          <select v-model="effect" name="effect" :disabled="readOnly">
            <option v-for="one in effects" :key="one.name" :value="one.name">{{ one.title }}</option></select></label>
        <label class="field"><span>{{ texts.fault_times }}</span>
          <input v-model.number="times" name="times" type="number" min="1" max="1000000" required :disabled="readOnly"></label>
        <div class="form-actions">
          <button type="submit" class="act primary" :disabled="readOnly || busy">{{ texts.fault_plan }}</button>
          <button v-if="planned" type="button" class="act" @click="remove">{{ texts.fault_delete }}</button>
          <p v-if="said" role="status" :class="['form-state', wrong ? 'refused' : 'verified']">{{ said }}</p>
        </div>
      </form>
    </details>`,
  data() { return { effect: this.errcode ? "same" : "busy", times: 1, busy: false, planned: null, said: "", wrong: false }; },
  computed: {
    effects() {
      const texts = this.texts;
      return [
        ...(this.errcode ? [{ name: "same", title: this.fill(texts.fault_same, { errcode: this.errcode }), then: { errcode: this.errcode } }] : []),
        { name: "busy", title: texts.fault_busy, then: { errcode: -1 } },
        { name: "limit", title: texts.fault_limit, then: { rate_limit: "minute" } },
        { name: "http", title: texts.fault_http, then: { http_status: 502 } },
        { name: "slow", title: texts.fault_slow, then: { delay_ms: 3000 } },
        { name: "cut", title: texts.fault_cut, then: { disconnect: "after_commit" } },
        { name: "token", title: texts.fault_token, then: { expire_token: true } },
      ];
    },
  },
  methods: {
    async plan() {
      this.busy = true;
      try {
        const { then } = this.effects.find((one) => one.name === this.effect);
        const fault = await tollbooth.control(this.corpid, "POST", "/faults", { path: this.path, times: this.times, then });
        this.planned = fault.id;
        this.say(this.fill(this.texts.fault_planned, { id: fault.id }));
      } catch (error) { this.say(error.message, true); }
      this.busy = false;
    },
    async remove() {
      try {
        await tollbooth.control(this.corpid, "DELETE", `/faults/${this.planned}`);
        this.planned = null;
        this.say(this.texts.fault_deleted);
      } catch (error) { this.say(error.message, true); }
    },
    say(sentence, wrong = false) { [this.said, this.wrong] = [sentence, wrong]; },
  },
};
