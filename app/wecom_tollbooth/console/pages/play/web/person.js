// What the person whose phone is shown can do besides scanning.

export const Person = {
  props: { corpid: String, texts: Object, readonly: Boolean, person: Object, server: String },
  emits: ["did", "failed", "changed"],
  data: () => ({ client: null, names: {}, groups: [], group: "", post: "", menuOf: "", menu: null, busy: false, asking: null }),
  watch: { person: { handler() { this.load(); }, immediate: true } },
  computed: {
    isCustomer() { return this.person.kind === "customer"; },
    members() { return this.person.userids ?? []; },
  },
  methods: {
    text(name, values = {}) { return this.texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? ""); },
    nameOf(id) { return this.names[id] ?? id; },
    async load() {
      const person = this.person;
      if (this.shown !== person.id) Object.assign(this, { menu: null, asking: null });
      this.shown = person.id;
      try {
        const { people } = await tollbooth.control(this.corpid, "GET", "/people?kind=member&limit=100");
        this.names = Object.fromEntries(people.map((one) => [one.id, one.name]));
        const whose = person.kind === "member" ? [person.id] : person.userids ?? [];
        const clients = await Promise.all(whose.slice(0, 10).map((id) => tollbooth.control(this.corpid, "GET", `/clients/${encodeURIComponent(id)}`)));
        if (person !== this.person) return;
        const groups = new Map(clients.flatMap((one) => one.groups).map((one) => [one.chat_id, one]));
        this.groups = [...groups.values()];
        if (!groups.has(this.group)) this.group = this.groups[0]?.chat_id ?? "";
        this.client = person.kind === "member" ? clients[0] : null;
        this.menuOf = this.client?.apps[0]?.agentid ?? "";
      } catch (error) {
        this.$emit("failed", error.message);
      }
    },
    clientOf(userid, external = "") {
      return `${this.server}/_sim/client/${encodeURIComponent(this.corpid)}/${encodeURIComponent(userid)}${tollbooth.query({ external_userid: external })}`;
    },
    async act(did, values, body) {
      this.busy = true;
      try {
        const reply = await tollbooth.control(this.corpid, "POST", "/acts", body);
        this.$emit("did", did, values, reply);
        this.$emit("changed");
        return true;
      } catch (error) {
        this.$emit("failed", error.message);
        return false;
      } finally {
        this.busy = false;
      }
    },
    ask(question, work) {
      this.asking = { question, work, before: document.activeElement };
      this.$nextTick(() => this.$refs.sure?.showModal());
    },
    async answered(yes) {
      const { work, before } = this.asking;
      this.$refs.sure.close();
      this.asking = null;
      if (yes) await work();
      before?.focus?.();
    },
    deleteMember(userid) {
      const values = { name: this.person.name, other: this.nameOf(userid) };
      const body = { act: "customer_deletes_member", userid, external_userid: this.person.id };
      this.ask(this.text("delete_member_sure", values), () => this.act("did_delete", values, body));
    },
    leaveCorp() {
      const values = { name: this.person.name };
      this.ask(this.text("leave_corp_sure", values), () => this.act("did_leave_corp", values, { act: "member_leaves_corp", userid: this.person.id }));
    },
    inGroup(act, did) {
      const about = act === "join_group" ? { external_userid: this.person.id } : { people: [this.person.id] };
      return this.act(did, { name: this.person.name }, { act, chat_id: this.group, ...about });
    },
    async publish() {
      const body = { act: "member_posts_moment", userid: this.person.id, text: this.post };
      if (await this.act("did_publish", { name: this.person.name }, body)) this.post = "";
    },
    async showMenu() {
      this.busy = true;
      try {
        const answer = await fetch(`${tollbooth.prefix}/api/corps/${encodeURIComponent(this.corpid)}/cgi-bin/menu/get${tollbooth.query({ agentid: this.menuOf, _agentid: this.menuOf })}`);
        const reply = await answer.json();
        this.menu = (reply.button ?? []).flatMap((one) => (one.sub_button?.length ? one.sub_button : [one]));
      } catch (error) {
        this.$emit("failed", error.message);
      } finally {
        this.busy = false;
      }
    },
    tap(one) {
      const body = { agentid: Number(this.menuOf), userid: this.person.id };
      const acts = {
        click: { act: "member_clicks_menu", key: one.key },
        view: { act: "member_opens_menu_link", url: one.url },
        view_miniprogram: { act: "member_opens_menu_mini_program", pagepath: one.pagepath },
      };
      return this.act("did_menu", { name: this.person.name }, { ...body, ...acts[one.type] });
    },
    canTap: (one) => ["click", "view", "view_miniprogram"].includes(one.type),
  },
  template: `
    <section class="card play-person">
      <h2>{{ text('actions', { name: person.name }) }}</h2>
      <template v-if="isCustomer">
        <p v-if="!members.length" class="faint">{{ texts.no_member }}</p>
        <div v-for="userid in members" :key="userid" class="play-row">
          <a class="play-button" :href="clientOf(userid, person.id)" target="_blank" rel="noopener" :title="texts.open_client_about">{{ text('open_client', { name: nameOf(userid) }) }}</a>
          <button type="button" class="bad" :disabled="busy || readonly" @click="deleteMember(userid)">{{ text('delete_member', { name: nameOf(userid) }) }}</button>
        </div>
        <p v-if="members.length && !groups.length" class="faint">{{ texts.no_group }}</p>
        <form v-if="groups.length" class="play-row" @submit.prevent="inGroup('join_group', 'did_join')">
          <label class="play-grow">{{ texts.group }}<select v-model="group"><option v-for="one in groups" :key="one.chat_id" :value="one.chat_id">{{ one.name || one.chat_id }}</option></select></label>
          <button type="submit" :disabled="busy || readonly">{{ texts.join }}</button>
          <button type="button" :disabled="busy || readonly" @click="inGroup('leave_group', 'did_leave')">{{ texts.leave }}</button>
        </form>
      </template>
      <template v-else>
        <p class="faint">{{ texts.tasks }}</p>
        <form class="play-row" @submit.prevent="publish()">
          <label class="play-grow">{{ texts.post }}<input v-model="post" required maxlength="2000" :placeholder="texts.post_text"></label>
          <button type="submit" :disabled="busy || readonly">{{ texts.publish }}</button>
        </form>
        <form v-if="client && client.apps.length" class="play-row" @submit.prevent="showMenu()">
          <label class="play-grow">{{ texts.menu }}<select v-model="menuOf" @change="menu = null"><option v-for="app in client.apps" :key="app.agentid" :value="app.agentid">{{ app.name }}</option></select></label>
          <button type="submit" :disabled="busy">{{ texts.show_menu }}</button>
        </form>
        <p v-if="menu && !menu.length" class="faint" role="status">{{ texts.no_menu }}</p>
        <div v-if="menu && menu.length" class="play-row">
          <button v-for="one in menu" :key="one.name" type="button" :disabled="busy || readonly || !canTap(one)" @click="tap(one)">{{ canTap(one) ? one.name : text('menu_other', { name: one.name }) }}</button>
        </div>
        <div class="play-row">
          <a class="play-button" :href="clientOf(person.id)" target="_blank" rel="noopener">{{ texts.open_own_client }}</a>
          <button type="button" class="bad" :disabled="busy || readonly" @click="leaveCorp()">{{ texts.leave_corp }}</button>
        </div>
      </template>
      <dialog ref="sure" class="play-sure" @cancel.prevent="answered(false)">
        <p>{{ asking?.question }}</p>
        <div class="play-row">
          <button type="button" @click="answered(false)">{{ texts.cancel }}</button>
          <button type="button" class="bad" data-sure @click="answered(true)">{{ isCustomer ? texts.delete_yes : texts.leave_corp }}</button>
        </div>
      </dialog>
    </section>`,
};
