// Play the customer: the codes, the person, and the phone beside them.
import { acted, Phone } from "tollbooth-phone";
import { Codes } from "tollbooth-play/codes.js";
import { Person } from "tollbooth-play/person.js";
import { Picker } from "tollbooth-play/picker.js";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./play.css", import.meta.url);
document.head.append(style);

const MOST_EVENTS = 12;
const DID = {
  member_confirms_group_message: "did_send_mass",
  member_ignores_group_message: "did_ignore_mass",
  member_publishes_moment: "did_publish",
  customer_opens_message: "did_open",
  customer_likes_moment: "did_like",
  customer_comments_moment: "did_comment",
  member_presses_card_button: "did_press",
};

export const Play = {
  components: { Phone, Codes, Person, Picker },
  props: { corpid: String, texts: Object, language: String, readonly: Boolean, phone: Object, person: String, code: String, server: String },
  data: () => ({ kind: "customer", who: null, apps: null, events: [], problem: "", own: {}, to: "", message: "", receivers: [], busy: false, chosenCode: "" }),
  computed: {
    ownHere() { return this.own[this.who?.id] ?? []; },
  },
  watch: {
    who() {
      this.address();
      this.loadReceivers();
    },
  },
  async mounted() {
    try {
      this.apps = (await tollbooth.control(this.corpid, "GET", "")).apps;
      if (this.person) await this.show(this.person);
      else this.who = (await this.people("customer", ""))[0] ?? null;
      this.kind = this.who?.kind ?? "customer";
    } catch (error) {
      this.problem = error.message;
    }
  },
  methods: {
    text(name, values = {}) { return this.texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? ""); },
    async people(kind, find) { return (await tollbooth.control(this.corpid, "GET", `/people${tollbooth.query({ kind, find, limit: 50 })}`)).people; },
    async find(id) {
      for (const kind of ["customer", "member"]) {
        const found = (await this.people(kind, id)).find((one) => one.id.toLowerCase() === id.toLowerCase());
        if (found) return found;
      }
      return null;
    },
    async show(id) {
      const found = await this.find(id);
      if (!found) this.problem = `${this.text("nobody")}: ${id}`;
      this.who = found;
      if (found) this.kind = found.kind;
    },
    address() {
      const query = tollbooth.query({ person: this.who?.id, code: this.chosenCode });
      history.replaceState(history.state, "", location.pathname + query);
    },
    chose(code) {
      this.chosenCode = code;
      if (this.who || code) this.address();
    },
    async did(name, values, reply) {
      const count = reply?.callbacks?.length;
      const events = count ? this.text("callbacks", { count }) : reply ? this.text("no_callbacks") : "";
      this.problem = "";
      this.events = [{ key: Date.now() + Math.random(), at: new Date(), text: this.text(name, values), events, count }, ...this.events].slice(0, MOST_EVENTS);
      acted({});
    },
    async scanned({ reply, did, why }) {
      const person = await this.find(reply.external_userid);
      const member = reply.userid ? (await this.find(reply.userid))?.name ?? reply.userid : "";
      this.who = person;
      this.kind = "customer";
      await this.did(did, { name: person?.name ?? reply.external_userid, member, why }, reply);
      if (matchMedia("(max-width: 1100px)").matches) this.$nextTick(() => this.$refs.right.scrollIntoView({ behavior: "smooth" }));
    },
    async changed() {
      const found = this.who && (await this.find(this.who.id));
      this.who = found;
    },
    onPhone({ act, reply }) {
      if (DID[act]) this.did(DID[act], { name: this.who.name }, reply);
    },
    async loadReceivers() {
      const who = this.who;
      this.receivers = [];
      if (!who) return;
      try {
        if (who.kind === "customer") {
          const members = await this.people("member", "");
          const names = Object.fromEntries(members.map((one) => [one.id, one.name]));
          this.receivers = (who.userids ?? []).map((id) => ({ id, name: names[id] ?? id }));
        } else {
          const { customers } = await tollbooth.control(this.corpid, "GET", `/clients/${encodeURIComponent(who.id)}`);
          if (who === this.who) this.receivers = customers.map((one) => ({ id: one.external_userid, name: one.remark || one.name }));
        }
      } catch { /* a member who has left has no client */ }
      if (!this.receivers.some((one) => one.id === this.to)) this.to = this.receivers[0]?.id ?? "";
    },
    async write() {
      const { who, to, message } = this;
      const pair = who.kind === "customer" ? { external_userid: who.id, userid: to } : { userid: who.id, external_userid: to };
      this.busy = true;
      try {
        const act = who.kind === "customer" ? "customer_sends_message" : "member_sends_message";
        const reply = await tollbooth.control(this.corpid, "POST", "/acts", { act, ...pair, text: message });
        const { now } = await tollbooth.control(this.corpid, "GET", "/clock");
        (this.own[who.id] ??= []).push({ at: now, text: message });
        this.message = "";
        await this.did("did_write", { name: who.name, other: this.receivers.find((one) => one.id === to)?.name ?? to }, reply);
      } catch (error) {
        this.problem = error.message;
      } finally {
        this.busy = false;
      }
    },
    time(at) { return at.toLocaleTimeString(this.language, { hour12: false, timeZone: "Asia/Shanghai" }); },
    callbacksPage() { return `${tollbooth.prefix}/corps/${encodeURIComponent(this.corpid)}/callbacks`; },
  },
  template: `
    <div class="play">
      <div class="play-left">
        <p v-if="readonly" class="play-readonly">{{ texts.readonly }}</p>
        <p v-if="problem" class="play-problem" role="alert">{{ problem }}</p>
        <Codes :corpid="corpid" :texts="texts" :readonly="readonly" :server="server" :code="code" :customer="who" :apps="apps"
          :after-scan="scanned" @chose="chose" @did="did" @failed="problem = $event" />
        <section class="card">
          <h2>{{ texts.happened }}</h2>
          <p v-if="!events.length" class="faint">{{ texts.nothing_yet }}</p>
          <ol class="play-events" aria-live="polite">
            <li v-for="one in events" :key="one.key"><time class="faint">{{ time(one.at) }}</time> {{ one.text }}
              <a v-if="one.count" class="chip" :href="callbacksPage()">{{ one.events }}</a><span v-else-if="one.events" class="chip">{{ one.events }}</span></li>
          </ol>
        </section>
        <Person v-if="who" :corpid="corpid" :texts="texts" :readonly="readonly" :server="server" :person="who"
          @did="did" @changed="changed" @failed="problem = $event" />
      </div>
      <div ref="right" class="play-right">
        <div class="play-whose">
          <div class="play-tabs" role="group" :aria-label="texts.whose">
            <button v-for="one in ['customer', 'member']" :key="one" type="button" :aria-pressed="String(kind === one)" @click="kind = one">{{ texts[one] }}</button>
          </div>
          <Picker :corpid="corpid" :kind="kind" :texts="texts" :label="texts.whose" v-model="who" @failed="problem = $event" />
        </div>
        <Phone v-bind="phone" :person="who?.id" :name="who?.name" :own="ownHere" @acted="onPhone">
          <form v-if="who && receivers.length" class="phone-write" @submit.prevent="write()">
            <select v-model="to" :aria-label="texts.write_to"><option v-for="one in receivers" :key="one.id" :value="one.id">{{ one.name }}</option></select>
            <input v-model="message" required maxlength="2000" :aria-label="texts.message" :placeholder="texts.message">
            <button type="submit" class="main" :disabled="busy || readonly">{{ texts.send }}</button>
          </form>
          <p v-else-if="who" class="phone-quiet">{{ who.kind === 'customer' ? texts.no_member : texts.no_customer }}</p>
        </Phone>
      </div>
    </div>`,
};
