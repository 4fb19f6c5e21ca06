// The phone of a member or a customer, as a Vue component.
import { partsOf, summary } from "tollbooth-phone/messages.js";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./phone.css", import.meta.url);
document.head.append(style);

const ACTED = "tollbooth-acted";
const PAGE = 1000;
const RECENT = 50; // read again with each look: their state may change
const SHOWN = 60;

/** Tells every phone of the page that something was done. */
export const acted = (detail) => window.dispatchEvent(new CustomEvent(ACTED, { detail }));

const cursorBefore = (item) => `${String(item.at).padStart(10, "0")}${String(item.id - 1).padStart(15, "0")}`;

export const Phone = {
  props: {
    corpid: String,
    person: String,
    name: String,
    texts: Object,
    language: String,
    readonly: Boolean,
    own: { type: Array, default: () => [] }, // what the person wrote on this page: {at, to, text}
  },
  emits: ["acted"],
  data: () => ({ items: [], loaded: false, problem: "", shown: SHOWN, names: {}, busy: false, commenting: null, comment: "", chosen: {}, spoken: "" }),
  computed: {
    isCustomer() { return /^w[mo]/.test(this.person ?? "") && this.person.length > 20; },
    who() { return this.name || this.names[this.person] || this.person; },
    rows() {
      const own = this.own.map((one, index) => ({ id: `own${index}`, own: true, ...one }));
      return [...this.items, ...own].sort((a, b) => a.at - b.at).slice(-this.shown);
    },
    more() { return this.items.length + this.own.length > this.shown; },
  },
  watch: { person() { this.restart(); } },
  mounted() {
    this.soon = () => this.look();
    window.addEventListener(ACTED, this.soon);
    this.restart();
    this.readNames();
  },
  unmounted() {
    window.removeEventListener(ACTED, this.soon);
    this.stop?.();
  },
  methods: {
    text(name, values = {}) { return (this.texts[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? ""); },
    restart() {
      this.stop?.();
      Object.assign(this, { items: [], loaded: false, problem: "", shown: SHOWN, commenting: null, chosen: {}, spoken: "" });
      if (this.person) this.stop = tollbooth.watch(() => this.look(), 1000);
    },
    async look() {
      const person = this.person;
      if (!person) return;
      // One look at a time: an answer that was overtaken would show what is no longer so.
      if (this.looking) { this.again = true; return; }
      this.looking = true;
      try {
        const from = this.items.at(-RECENT);
        let cursor = from ? cursorBefore(from) : "";
        const known = new Map(this.items.map((item) => [item.id, item]));
        const fresh = [];
        for (;;) {
          const page = await tollbooth.control(this.corpid, "GET", `/phones/${encodeURIComponent(person)}${tollbooth.query({ limit: PAGE, cursor })}`);
          for (const item of page.items) {
            if (!known.has(item.id)) fresh.push(item);
            known.set(item.id, item);
          }
          cursor = page.next_cursor;
          if (!cursor) break;
        }
        if (person !== this.person) return;
        const changed = fresh.length || [...known.values()].some((item, index) => JSON.stringify(item) !== JSON.stringify(this.items[index]));
        if (changed) {
          const atEnd = this.isAtEnd();
          this.items = [...known.values()].sort((a, b) => a.at - b.at || a.id - b.id);
          if (this.loaded && fresh.length) {
            const last = fresh.at(-1);
            this.spoken = this.text("arrived", { name: this.who, kind: this.text(`kind_${last.kind}`), text: summary(last, this.texts) });
          }
          if (atEnd) this.$nextTick(this.toEnd);
        }
        this.loaded = true;
        this.problem = "";
      } catch (error) {
        if (person === this.person) this.problem = error.message;
      } finally {
        this.looking = false;
        if (this.again || person !== this.person) { this.again = false; this.look(); }
      }
    },
    async readNames() {
      try {
        const { people } = await tollbooth.control(this.corpid, "GET", "/people?kind=member&limit=100");
        const { apps } = await tollbooth.control(this.corpid, "GET", "");
        this.names = Object.fromEntries([...people.map((one) => [one.id, one.name]), ...apps.map((app) => [String(app.agentid), app.name])]);
      } catch { /* ids are shown instead */ }
    },
    sender(item) { return this.names[item.from] ?? (/^\d+$/.test(item.from) ? this.text("app", { id: item.from }) : item.from); },
    initial(item) { return [...this.sender(item)][0] ?? "?"; },
    time(item) {
      return new Date(item.at * 1000).toLocaleString(this.language, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
    },
    parts(item) { return partsOf(item, this.texts); },
    isAtEnd() {
      const screen = this.$refs.screen;
      return !screen || screen.scrollHeight - screen.scrollTop - screen.clientHeight < 80;
    },
    toEnd() { if (this.$refs.screen) this.$refs.screen.scrollTop = this.$refs.screen.scrollHeight; },
    buttons(item) {
      if (this.readonly || item.own || item.state === "recalled") return [];
      const task = (act, name, fields) => ({ name: this.text(name), run: () => this.act(act, { userid: this.person, ...fields }), main: true });
      if (item.state === "waiting") {
        if (item.kind === "mass_message_task") {
          const msgid = item.body.msgid;
          return [task("member_confirms_group_message", "confirm", { msgid }), { ...task("member_ignores_group_message", "ignore", { msgid }), main: false }];
        }
        if (item.kind === "moment_task") return [task("member_publishes_moment", "publish", { moment_id: item.body.moment_id })];
      }
      if (!this.isCustomer) return [];
      if (item.kind === "moment") {
        const about = { external_userid: this.person, moment_id: item.body.moment_id, userid: item.from };
        return [
          { name: this.text("like"), run: () => this.act("customer_likes_moment", about) },
          { name: this.text("comment"), run: () => { this.commenting = item.id; this.$nextTick(() => this.$refs.comment?.[0]?.focus()); } },
        ];
      }
      if (item.state === "delivered") return [{ name: this.text("open"), run: () => this.act("customer_opens_message", { external_userid: this.person, id: item.id }) }];
      return [];
    },
    async sayComment(item) {
      const done = await this.act("customer_comments_moment", { external_userid: this.person, moment_id: item.body.moment_id, userid: item.from, text: this.comment });
      if (done) { this.commenting = null; this.comment = ""; }
    },
    press(item, pressed) {
      const selected = this.chosen[item.id];
      return this.act("member_presses_card_button", { userid: this.person, id: item.id, ...pressed, ...(selected ? { selected } : {}) });
    },
    select(item, question, option, on, many) {
      const all = (this.chosen[item.id] ??= {});
      const before = many ? all[question] ?? [] : [];
      all[question] = on ? [...before.filter((one) => one !== option), option] : before.filter((one) => one !== option);
    },
    async act(name, fields) {
      this.busy = true;
      this.problem = "";
      try {
        const reply = await tollbooth.control(this.corpid, "POST", "/acts", { act: name, ...fields });
        this.$emit("acted", { act: name, ...fields, reply });
        acted({ act: name, ...fields, reply });
        return true;
      } catch (error) {
        this.problem = error.message;
        return false;
      } finally {
        this.busy = false;
      }
    },
  },
  template: `
    <section class="phone" :aria-label="person ? text('phone', { name: who }) : text('nobody')">
      <div class="phone-top">
        <span class="phone-name">{{ person ? who : text('nobody') }}</span>
        <span v-if="person" class="phone-id">{{ person }}</span>
      </div>
      <div ref="screen" class="phone-screen" tabindex="0" :aria-busy="!loaded && !!person">
        <p v-if="person && !loaded && !problem" class="phone-note">{{ text('loading') }}</p>
        <p v-else-if="person && loaded && !rows.length" class="phone-note">{{ text('empty') }}</p>
        <button v-if="more" type="button" class="phone-more" @click="shown += 200">{{ text('earlier') }}</button>
        <ol>
          <li v-for="item in rows" :key="item.id" :class="['phone-item', { own: item.own, gone: item.state === 'recalled' }]" :data-id="item.id" :data-kind="item.kind">
            <span class="phone-time">{{ time(item) }}</span>
            <div v-if="item.own" class="phone-line"><div class="phone-bubble"><p>{{ item.text }}</p></div></div>
            <div v-else class="phone-line">
              <span class="phone-face" aria-hidden="true">{{ initial(item) }}</span>
              <div class="phone-said">
                <span class="phone-from">{{ sender(item) }} · {{ text('kind_' + item.kind) }}<template v-if="!['delivered'].includes(item.state)"> · <b :class="'phone-' + item.state">{{ text('state_' + item.state) }}</b></template></span>
                <div class="phone-bubble">
                  <template v-for="(part, index) in parts(item)" :key="index">
                    <p v-if="part.text" :class="part.strong ? 'phone-strong' : ''">{{ part.text }}</p>
                    <div v-else-if="part.card" class="phone-card">
                      <span class="phone-strong">{{ part.card.title }}</span>
                      <span v-if="part.card.more">{{ part.card.more }}</span>
                      <span v-if="part.card.place" class="phone-place">{{ part.card.place }}</span>
                    </div>
                    <dl v-else-if="part.pairs"><template v-for="pair in part.pairs"><dt>{{ pair[0] }}</dt><dd>{{ pair[1] }}</dd></template></dl>
                    <fieldset v-else-if="part.question" :disabled="readonly || part.question.disabled">
                      <legend>{{ part.question.title }}</legend>
                      <label v-for="option in part.question.options" :key="option.id">
                        <input :type="part.question.many ? 'checkbox' : 'radio'" :name="item.id + part.question.key" :checked="option.on"
                          @change="select(item, part.question.key, option.id, $event.target.checked, part.question.many)"> {{ option.text }}
                      </label>
                    </fieldset>
                    <div v-else-if="part.buttons" class="phone-buttons">
                      <button v-for="button in part.buttons" :key="button.name" type="button" :disabled="busy || readonly || isCustomer || button.disabled"
                        @click="press(item, button.pressed)">{{ button.name }}</button>
                    </div>
                  </template>
                </div>
                <div v-if="buttons(item).length" class="phone-buttons">
                  <button v-for="button in buttons(item)" :key="button.name" type="button" :class="{ main: button.main }" :disabled="busy" @click="button.run()">{{ button.name }}</button>
                </div>
                <form v-if="commenting === item.id" class="phone-write" @submit.prevent="sayComment(item)">
                  <input ref="comment" v-model="comment" required maxlength="200" :aria-label="text('comment_what')" :placeholder="text('comment_what')">
                  <button type="submit" class="main" :disabled="busy">{{ text('send') }}</button>
                </form>
              </div>
            </div>
          </li>
        </ol>
      </div>
      <p v-if="problem" class="phone-problem" role="alert">{{ problem }}</p>
      <div class="phone-bottom"><slot></slot></div>
      <p class="phone-spoken" role="status">{{ spoken }}</p>
    </section>`,
};
