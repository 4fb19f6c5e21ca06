// How the deliveries to each app's address go, and the delivery faults of the corp.
const FAULTS = ["duplicate", "reorder", "delay_seconds", "drop_one_in", "same_second"];

export default {
  props: { corpid: String, apps: Array, texts: Object, readOnly: Boolean, time: Function, fill: Function },
  template: `
    <section class="live-health" :aria-label="texts.health">
      <div v-for="one in endpoints" :key="one.agentid" class="card endpoint">
        <div class="endpoint-head"><strong>{{ name(one.agentid) }}</strong>
          <span :class="['chip', colours[one.status]]">{{ texts[one.status] }}</span></div>
        <div v-if="one.url" class="mono faint endpoint-url">{{ one.url }}</div>
        <div class="faint">
          <span v-if="one.waiting">{{ fill(texts.waiting_count, { count: one.waiting }) }} · </span>
          <span v-if="one.failures">{{ fill(texts.failures, { count: one.failures }) }} · </span>
          <span v-if="one.last_success_at">{{ fill(texts.last_success, { at: time(one.last_success_at) }) }}</span>
        </div>
        <button v-if="one.status === 'paused' || one.status === 'failing'" type="button" class="act" :disabled="readOnly"
          @click="resume(one.agentid)">{{ texts.resume }}</button>
      </div>
    </section>
    <details class="card fold">
      <summary>{{ texts.faults }} <span v-if="active" class="chip warn">{{ active }}</span></summary>
      <form class="form" @submit.prevent="save()">
        <p class="faint">{{ texts.faults_about }}</p>
        <div class="live-fields">
          <label v-for="field in fields" :key="field" class="field"><span>{{ texts[field] }}</span>
            <input v-model.number="faults[field]" type="number" min="0" :name="field" :disabled="readOnly" required></label>
        </div>
        <div class="form-actions">
          <button type="submit" class="act primary" :disabled="readOnly">{{ texts.save }}</button>
          <button type="button" class="act" :disabled="readOnly" @click="off">{{ texts.all_off }}</button>
          <p v-if="said" role="status" :class="['form-state', wrong ? 'refused' : 'verified']">{{ said }}</p>
        </div>
      </form>
    </details>`,
  data: () => ({
    endpoints: [], fields: FAULTS, faults: Object.fromEntries(FAULTS.map((name) => [name, 0])), active: 0, said: "", wrong: false,
    colours: { idle: "good", sending: "good", failing: "bad", paused: "bad", no_address: "" },
  }),
  mounted() {
    this.loadFaults();
    this.stop = tollbooth.watch(() => this.look(), 2000);
    window.addEventListener("tollbooth-callback-address", this.all);
  },
  beforeUnmount() {
    this.stop();
    window.removeEventListener("tollbooth-callback-address", this.all);
  },
  methods: {
    name(agentid) { return this.apps.find((app) => app.agentid === agentid)?.name ?? agentid; },
    all() {
      this.withAddress = undefined;
      this.look();
    },
    // Apps without an address are asked once: nothing changes there.
    async look() {
      const asked = this.withAddress ?? this.apps.map((app) => app.agentid);
      if (!asked.length) return;
      try {
        const found = await Promise.all(asked.map((agentid) => tollbooth.control(this.corpid, "GET", `/apps/${agentid}/callback`)));
        this.withAddress = found.filter((one) => one.url).map((one) => one.agentid);
        this.endpoints = found.filter((one) => one.url);
      } catch { /* the list beside it says that the server is away */ }
    },
    async resume(agentid) {
      await tollbooth.control(this.corpid, "POST", `/apps/${agentid}/callback/resume`).catch(() => {});
      this.look();
    },
    async loadFaults() {
      try {
        this.keep(await tollbooth.control(this.corpid, "GET", "/callbacks/delivery_faults"));
      } catch (error) { [this.said, this.wrong] = [error.message, true]; }
    },
    keep(faults) {
      this.faults = faults;
      this.active = FAULTS.filter((name) => faults[name]).length;
    },
    async save() {
      try {
        this.keep(await tollbooth.control(this.corpid, "PUT", "/callbacks/delivery_faults", this.faults));
        [this.said, this.wrong] = [this.texts.saved, false];
      } catch (error) { [this.said, this.wrong] = [error.message, true]; }
    },
    off() {
      this.faults = Object.fromEntries(FAULTS.map((name) => [name, 0]));
      this.save();
    },
  },
};
