// The corp's codes, and the form that scans one.
import { Picker } from "tollbooth-play/picker.js";

export const KINDS = ["contact_way", "acquisition_link", "join_way", "member_code"];
const ACTS = { contact_way: "scan_contact_way", acquisition_link: "open_acquisition_link", join_way: "scan_join_way", member_code: "customer_adds_member" };
const FIELDS = { contact_way: "config_id", acquisition_link: "link_id", join_way: "config_id", member_code: "userid" };
const BUTTONS = { contact_way: "scan_add", acquisition_link: "open_add", join_way: "scan_join", member_code: "scan_add" };

const WHYS = {
  "the quota is used up": "why_quota",
  "a member of the priority is the customer's friend already": "why_friend",
  "no member of the link can take a customer": "why_nobody",
};

export const Codes = {
  components: { Picker },
  props: { corpid: String, texts: Object, readonly: Boolean, server: String, code: String, customer: Object, apps: Array, afterScan: Function },
  emits: ["chose", "did", "failed"],
  data: () => ({
    kind: "contact_way", codes: null, problem: "", chosen: null, who: "new", known: null, busy: false,
    form: { name: "", gender: 0, type: 1, corp_name: "", customer_channel: "", confirms: true, greet: false, greeting: "" },
  }),
  computed: {
    ofKind() { return (this.codes ?? []).filter((one) => one.kind === this.kind); },
    canGreet() { return this.chosen && this.kind !== "join_way" && this.form.type === 1; },
    kinds: () => KINDS,
  },
  watch: {
    customer(person) { if (person?.kind === "customer") this.known = person; },
    apps(apps) { this.form.greet = Boolean(apps?.length) && !apps.some((app) => app.callback_url); },
  },
  async mounted() {
    this.form.greeting = this.texts.greeting_text;
    await this.load();
    const wanted = this.codes?.find((one) => `${one.kind}/${one.id}` === this.code);
    if (wanted) this.kind = wanted.kind;
    this.choose(wanted ?? this.ofKind[0] ?? null);
  },
  methods: {
    text(name, values = {}) { return this.texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? ""); },
    async load() {
      this.problem = "";
      try {
        const [{ codes }, { people }] = await Promise.all([
          tollbooth.control(this.corpid, "GET", "/codes"),
          tollbooth.control(this.corpid, "GET", "/people?kind=member&limit=100"),
        ]);
        this.names = Object.fromEntries(people.map((one) => [one.id, one.name]));
        this.codes = [...codes, ...people.map((one) => this.ofMember(one))];
      } catch (error) {
        this.problem = error.message;
      }
    },
    ofMember(one) {
      const simple = /^ww[0-9a-f]+$/.test(this.corpid) && /^[\w.@-]+$/.test(one.id);
      return {
        kind: "member_code", id: one.id, name: one.name, state: "", leads_to: [one.id], url: "",
        page: `/_sim/scan/member/${encodeURIComponent(this.corpid)}/${encodeURIComponent(one.id)}`,
        image: simple ? `/_sim/qr/400/member.${this.corpid}.${one.id}.png` : "",
      };
    },
    image(one) { return this.server ? `${tollbooth.prefix}/api${one.image}` : one.image; },
    page(one) { return this.server + one.page; },
    named(one) { return one.name || this.text("unnamed"); },
    leadsTo(one) { return this.text("leads_to", { who: one.leads_to.map((id) => this.names[id] ?? id).join(this.text("and")) }); },
    show(kind) {
      this.kind = kind;
      this.choose(this.ofKind[0] ?? null);
    },
    choose(one) {
      this.chosen = one;
      this.$emit("chose", one ? `${one.kind}/${one.id}` : "");
    },
    async make() {
      const members = this.codes.filter((one) => one.kind === "member_code").map((one) => one.id);
      const [operation, body] = this.kind === "contact_way"
        ? ["externalcontact/add_contact_way", { type: 1, scene: 2, user: members.slice(0, 1), remark: this.text("contact_way"), state: "console" }]
        : ["externalcontact/customer_acquisition/create_link", { link_name: this.text("acquisition_link"), range: { user_list: members.slice(0, 1) } }];
      await this.guarded(async () => {
        const reply = await tollbooth.call(this.corpid, operation, body);
        if (reply.errcode) throw new Error(`${reply.errcode} ${reply.errmsg}`);
        this.$emit("did", "did_make", {}, null);
        await this.load();
        this.choose(this.ofKind[0] ?? null);
      });
    },
    async guarded(work) {
      this.busy = true;
      try {
        await work();
      } catch (error) {
        this.$emit("failed", error.message);
      } finally {
        this.busy = false;
      }
    },
    fields() {
      const { form, chosen, kind } = this;
      const body = { act: ACTS[kind], [FIELDS[kind]]: chosen.id };
      if (this.who === "known") body.external_userid = this.known?.id;
      else {
        Object.assign(body, { gender: form.gender, type: form.type });
        if (form.name.trim()) body.name = form.name.trim();
        if (form.type === 2 && form.corp_name.trim()) body.corp_name = form.corp_name.trim();
      }
      if (kind === "acquisition_link" && form.customer_channel.trim()) body.customer_channel = form.customer_channel.trim();
      if (kind === "contact_way" && !form.confirms) body.member_confirms = false;
      if (kind === "member_code" && !form.confirms) body.skip_verify = true;
      return body;
    },
    scan() {
      return this.guarded(async () => {
        const reply = await tollbooth.control(this.corpid, "POST", "/acts", this.fields());
        const why = WHYS[reply.why] ? this.text(WHYS[reply.why]) : reply.why;
        let did = "did_added";
        if (reply.chat_id) did = "did_join";
        else if (reply.added === false) did = "did_not_add";
        else if (!this.form.confirms && this.kind !== "acquisition_link") did = "did_pending";
        await this.afterScan({ reply, did, why });
        if (this.who === "new") this.form.name = "";
        if (!reply.welcome_code) return;
        if (!(this.canGreet && this.form.greet)) {
          this.$emit("did", "did_wait", {}, null);
          return;
        }
        const greeted = await tollbooth.call(this.corpid, "externalcontact/send_welcome_msg", { welcome_code: reply.welcome_code, text: { content: this.form.greeting } });
        if (greeted.errcode) this.$emit("did", "did_not_greet", { why: `${greeted.errcode} ${greeted.errmsg}` }, null);
        else this.$emit("did", "did_greet", {}, null);
      });
    },
    buy() {
      return this.guarded(async () => {
        const reply = await tollbooth.control(this.corpid, "POST", "/acts", { act: "admin_buys_acquisition_quota", amount: 100 });
        this.$emit("did", "did_quota", {}, reply);
      });
    },
    buttonName() { return this.text(BUTTONS[this.kind]); },
  },
  template: `
    <section class="card play-codes" :aria-busy="!codes && !problem">
      <h2>{{ texts.codes }}</h2>
      <div class="play-tabs" role="group" :aria-label="texts.codes">
        <button v-for="one in kinds" :key="one" type="button" :aria-pressed="String(kind === one)" @click="show(one)">{{ texts[one] }}</button>
      </div>
      <div v-if="problem" class="play-problem" role="alert">{{ problem }} <button type="button" @click="load()">{{ texts.retry }}</button></div>
      <p v-else-if="!codes" class="faint">{{ texts.loading }}</p>
      <div v-else-if="!ofKind.length" class="play-none">
        <p>{{ texts['none_' + kind] }}</p>
        <button v-if="['contact_way', 'acquisition_link'].includes(kind)" type="button" :disabled="busy || readonly" @click="make()">{{ texts.make }}</button>
      </div>
      <ul v-else class="play-list">
        <li v-for="one in ofKind" :key="one.id">
          <button type="button" :aria-pressed="String(chosen === one)" @click="choose(one)">
            <span class="play-name">{{ named(one) }}</span>
            <span class="faint">{{ one.kind === 'member_code' ? one.id : leadsTo(one) }}</span>
            <span v-if="one.state" class="chip">state {{ one.state }}</span>
          </button>
        </li>
      </ul>
      <div v-if="chosen" class="play-chosen">
        <figure>
          <a v-if="chosen.image" :href="page(chosen)" target="_blank" rel="noopener"><img :src="image(chosen)" width="168" height="168" :alt="text('qr', { name: named(chosen) })"></a>
          <figcaption>
            <a :href="page(chosen)" target="_blank" rel="noopener">{{ texts.open_page }}</a>
            <span class="faint">{{ texts.open_page_about }}</span>
            <span v-if="chosen.url" class="mono faint">{{ chosen.url }}</span>
          </figcaption>
        </figure>
        <form class="play-form" @submit.prevent="scan()">
          <fieldset>
            <legend>{{ texts.who }}</legend>
            <label><input v-model="who" type="radio" value="new"> {{ texts.new }}</label>
            <label><input v-model="who" type="radio" value="known"> {{ texts.known }}</label>
          </fieldset>
          <template v-if="who === 'new'">
            <label>{{ texts.name }}<input v-model="form.name" maxlength="64" :placeholder="texts.any_name"></label>
            <div class="play-pair">
              <label>{{ texts.gender }}<select v-model.number="form.gender"><option v-for="value in [0, 1, 2]" :key="value" :value="value">{{ texts['gender_' + value] }}</option></select></label>
              <label>{{ texts.uses }}<select v-model.number="form.type"><option v-for="value in [1, 2]" :key="value" :value="value">{{ texts['type_' + value] }}</option></select></label>
            </div>
            <label v-if="form.type === 2">{{ texts.corp_name }}<input v-model="form.corp_name" maxlength="64"></label>
          </template>
          <Picker v-else :corpid="corpid" kind="customer" :texts="texts" :label="texts.customer" v-model="known" :rows="4" @failed="$emit('failed', $event)" />
          <label v-if="kind === 'acquisition_link'">{{ texts.channel }}<input v-model="form.customer_channel"></label>
          <label v-if="['contact_way', 'member_code'].includes(kind)" class="check"><input v-model="form.confirms" type="checkbox"> {{ texts.confirms }}</label>
          <label v-if="canGreet" class="check"><input v-model="form.greet" type="checkbox"> <span>{{ texts.greet }}</span></label>
          <label v-if="canGreet && form.greet">{{ texts.greeting }}<input v-model="form.greeting" required maxlength="1000"></label>
          <div class="play-row">
            <button type="submit" class="main" :disabled="busy || readonly || (who === 'known' && !known)">{{ buttonName() }}</button>
            <button v-if="kind === 'acquisition_link'" type="button" :disabled="busy || readonly" @click="buy()">{{ texts.quota }}</button>
          </div>
        </form>
      </div>
    </section>`,
};
