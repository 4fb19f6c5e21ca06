// One customer: members and tags, groups, follow-ups, calls and callbacks.
export default {
  template: `
    <div class="cu-view">
      <div class="cu-head">
        <span class="mono">{{ one.external_userid }}</span>
        <span>{{ one.type === 2 ? t("wecom") + (one.corp_name ? " @" + one.corp_name : "") : t("wechat") }}</span>
        <span v-if="one.position">{{ one.position }}</span>
        <span>{{ t("since", { at: time(one.created_at) }) }}</span>
      </div>
      <section class="card"><h2>{{ t("relations") }}</h2>
        <div class="cu-item" v-for="by in one.relations" :key="by.userid">
          <header><strong>{{ by.name }}</strong> <span class="mono faint">{{ by.userid }}</span>
            <span class="chip warn" v-if="by.ended_at">{{ t("ended", { at: time(by.ended_at) }) }}</span>
            <span class="chip warn" v-else-if="by.deleted_by_customer_at">{{ t("deleted", { at: time(by.deleted_by_customer_at) }) }}</span>
            <span class="chip" v-else-if="by.pending">{{ t("pending") }}</span>
            <span class="faint">{{ t("added", { at: time(by.since) }) }}</span>
            <a :href="client(by.userid)" target="_blank" rel="noopener" v-if="!by.ended_at">{{ t("client") }}</a></header>
          <dl><template v-for="[label, value] in noted(by)" :key="label"><dt>{{ label }}</dt><dd>{{ value }}</dd></template></dl>
          <div class="cu-chips"><span class="chip" v-for="tag in by.tags" :key="tag.tag_id + tag.name" :title="tag.group_name">{{ tag.name }}</span>
            <span class="faint" v-if="!by.tags.length">{{ t("no_tags") }}</span></div>
        </div></section>
      <section class="card"><h2>{{ t("follow_ups") }}</h2>
        <p class="faint" v-if="!one.follow_ups.length">{{ t("no_follow_ups") }}</p>
        <div class="cu-item" v-for="record in one.follow_ups" :key="record.follow_up_id">
          <header><strong>{{ record.title }}</strong><span class="chip">{{ record.stage }}</span><span class="mono faint">{{ record.userid }}</span>
            <span class="faint" v-if="record.next_at">{{ t("next_at", { at: time(record.next_at) }) }}</span>
            <a :href="links + '/board?record=' + record.follow_up_id">{{ t("on_board") }}</a></header>
          <p v-if="record.note">{{ record.note }}</p>
          <p class="faint" v-if="!record.logs.length">{{ t("no_logs") }}</p>
          <ul><li v-for="(log, place) in record.logs" :key="place"><span class="cu-when">{{ time(log.at) }}</span><span class="chip">{{ texts["kind_" + log.kind] ?? log.kind }}</span><span>{{ log.text }}</span></li></ul>
        </div></section>
      <section class="card"><h2>{{ t("groups") }}</h2>
        <p class="faint" v-if="!one.groups.length">{{ t("no_groups") }}</p>
        <div class="cu-item" v-for="group in one.groups" :key="group.chat_id + group.joined_at">
          <header><strong>{{ group.name || group.chat_id }}</strong><span class="mono faint">{{ group.owner }}</span>
            <span class="faint">{{ t("joined", { at: time(group.joined_at) }) }}</span>
            <span class="chip warn" v-if="group.left_at">{{ t("left", { at: time(group.left_at) }) }}</span>
            <span class="chip warn" v-else-if="group.dismissed_at">{{ t("dismissed") }}</span></header>
        </div></section>
      <div class="state state-error" role="alert" v-if="problem"><span>{{ problem }}</span><button type="button" class="cu-button" @click="load">{{ t("again") }}</button></div>
      <p class="faint" role="status" v-else-if="!trail">{{ t("loading") }}</p>
      <template v-else>
        <section><h2>{{ t("callbacks") }}</h2>
          <p class="faint" v-if="!trail.callbacks.length">{{ t("no_callbacks") }}</p>
          <div class="table-box" v-else tabindex="0" role="region" :aria-label="t('callbacks')"><table class="rows"><thead><tr><th scope="col">{{ t("time") }}</th><th scope="col">{{ t("event") }}</th><th scope="col">{{ t("app") }}</th><th scope="col">{{ t("outcome") }}</th></tr></thead>
            <tbody><tr v-for="event in trail.callbacks" :key="event.id"><td class="cu-when">{{ time(event.at) }}</td><td><a class="mono" :href="links + '/callbacks/' + event.id">{{ event.change_type || event.event }}</a></td><td class="number">{{ event.agentid }}</td><td>{{ texts[event.state] ?? event.state }}</td></tr></tbody></table></div></section>
        <section><h2>{{ t("calls") }}</h2>
          <p class="faint" v-if="!trail.calls.length">{{ t("no_calls") }}</p>
          <div class="table-box" v-else tabindex="0" role="region" :aria-label="t('calls')"><table class="rows"><thead><tr><th scope="col">{{ t("time") }}</th><th scope="col">{{ t("operation") }}</th><th scope="col">{{ t("app") }}</th><th scope="col">errcode</th></tr></thead>
            <tbody><tr v-for="call in trail.calls" :key="call.hint"><td class="cu-when">{{ time(call.at) }}</td><td><a class="mono" :href="links + '/calls/' + call.hint">{{ call.path.replace("/cgi-bin/", "") }}</a></td><td class="number">{{ call.agentid }}</td><td class="number" :class="{ bad: call.errcode }">{{ call.errcode ?? "–" }}</td></tr></tbody></table></div></section>
      </template>
    </div>`,
  props: { corpid: String, language: String, texts: Object, customer: Object, links: String, server: String },
  data() { return { one: this.customer, trail: null, problem: "" }; },
  created() {
    this.load();
    addEventListener("tollbooth-acted", this.load);
  },
  beforeUnmount() { removeEventListener("tollbooth-acted", this.load); },
  methods: {
    t(name, values = {}) { return this.texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]); },
    time(at) { return new Intl.DateTimeFormat(this.language, { timeZone: "Asia/Shanghai", dateStyle: "medium", timeStyle: "short" }).format(at * 1000); },
    noted(by) {
      const all = [["remark", by.remark], ["company", by.company], ["mobiles", by.mobiles.join(", ")], ["description", by.description], ["state", by.state]];
      return all.filter(([, value]) => value).map(([name, value]) => [this.t(name), value]);
    },
    client(userid) { return `${this.server}/_sim/client/${encodeURIComponent(this.corpid)}/${encodeURIComponent(userid)}`; },
    async load() {
      const path = `/customers/${encodeURIComponent(this.one.external_userid)}`;
      this.problem = "";
      try {
        [this.one, this.trail] = await Promise.all([
          tollbooth.control(this.corpid, "GET", path), tollbooth.control(this.corpid, "GET", `${path}/trail`),
        ]);
      } catch (error) {
        this.problem = error.message;
      }
    },
  },
};
