// One record beside the board: its fields, its next follow-up, its log and its history.

import { nextTick, onMounted, reactive, ref, watch } from "vue";
import { CallError } from "./api.js";

const KINDS = ["call", "visit", "message", "note"];
const DAY = 86400;

export default {
  name: "RecordPanel",
  props: { store: Object, id: String, canWrite: Boolean, customerLink: Function },
  emits: ["close"],
  setup(props) {
    const { store } = props;
    const { format, api } = store;
    const t = (name, values) => format.text(name, values);
    const box = ref(null);
    const shown = reactive({ phase: "loading", error: "", record: null, logs: [], cursor: "", history: [] });
    const words = ref("");

    async function read() {
      const { id } = props;
      try {
        const asked = { follow_up_id: id };
        const [got, logs, changes] = await Promise.all([
          api.followUp("get", asked),
          api.followUp("get_logs", asked),
          api.followUp("changes", { ...asked, limit: 100 }),
        ]);
        if (id !== props.id) return;
        Object.assign(shown, {
          phase: "ready",
          record: got.follow_up,
          logs: logs.logs,
          cursor: logs.next_cursor || "",
          history: changes.changes.filter((one) => one.kind !== "logged").reverse(),
        });
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        Object.assign(shown, { phase: "error", error: store.sentence(error) });
      }
    }
    async function moreLogs() {
      const reply = await api.followUp("get_logs", { follow_up_id: props.id, cursor: shown.cursor });
      shown.logs.push(...reply.logs);
      shown.cursor = reply.next_cursor || "";
    }
    async function log(kind) {
      const text = words.value.trim() || t(`said_${kind}`);
      if (await store.log(shown.record, kind, text)) words.value = "";
    }
    function next(seconds) {
      const minute = store.state.now;
      store.schedule(shown.record, seconds ? minute + seconds : 0);
    }
    onMounted(async () => {
      await read();
      nextTick(() => box.value?.focus({ preventScroll: true }));
    });
    watch(() => props.id, () => {
      shown.phase = "loading";
      read();
    });
    watch(() => store.state.touched, ({ ids }) => (!ids || ids.has(props.id)) && read());
    const stageName = (id) => store.columns.find((one) => one.id === id)?.name || id;
    const by = (name) => {
      if (name.startsWith("agent:")) return t("by_app", { agentid: name.slice(6) });
      return format.texts[`by_${name}`] || store.memberName(name);
    };
    return { DAY, KINDS, box, by, format, log, moreLogs, next, shown, stageName, t, words };
  },
  template: `
    <aside class="fb-panel" ref="box" tabindex="-1" :aria-label="t('record')" @keydown.esc="$emit('close')">
      <button type="button" class="fb-close" :aria-label="t('close')" @click="$emit('close')">×</button>
      <p v-if="shown.phase === 'loading'" role="status">{{ t('loading') }}</p>
      <p v-else-if="shown.phase === 'error'" role="alert">{{ shown.error }}</p>
      <template v-else>
        <h2>{{ shown.record.title }}</h2>
        <dl>
          <dt>{{ t('stage') }}</dt><dd>{{ stageName(shown.record.stage_id) }}</dd>
          <dt>{{ t('owner') }}</dt><dd>{{ store.memberName(shown.record.userid) }}</dd>
          <dt>{{ t('customer') }}</dt>
          <dd><a :href="customerLink(shown.record)">{{ shown.record.external_userid }}</a></dd>
          <dt>{{ t('amount') }}</dt><dd>{{ format.money(shown.record.amount) }}</dd>
          <template v-if="shown.record.priority">
            <dt>{{ t('priority') }}</dt><dd>{{ t('priority_' + shown.record.priority) }}</dd>
          </template>
          <template v-if="shown.record.source">
            <dt>{{ t('source') }}</dt><dd>{{ shown.record.source }}</dd>
          </template>
          <template v-if="shown.record.note">
            <dt>{{ t('note') }}</dt><dd>{{ shown.record.note }}</dd>
          </template>
          <dt>{{ t('next') }}</dt>
          <dd :class="'fb-' + format.due(shown.record.next_time, store.state.now).kind">
            <span class="fb-due">{{ format.due(shown.record.next_time, store.state.now).text || t('no_due') }}</span>
            <span class="fb-small" v-if="shown.record.next_time && shown.record.next_time < store.state.now">
              {{ format.when(shown.record.next_time, store.state.now) }}</span>
          </dd>
          <dt>{{ t('last') }}</dt>
          <dd>{{ format.when(shown.record.last_time, store.state.now) || t('never') }}</dd>
          <dt>follow_up_id</dt><dd class="fb-mono">{{ shown.record.follow_up_id }}</dd>
        </dl>
        <div v-if="canWrite && !shown.record.closed_time" class="fb-nexts" role="group" :aria-label="t('set_next')">
          <button type="button" @click="next(3600)">{{ t('in_an_hour') }}</button>
          <button type="button" @click="next(DAY)">{{ t('in_a_day') }}</button>
          <button type="button" @click="next(7 * DAY)">{{ t('in_a_week') }}</button>
          <button type="button" v-if="shown.record.next_time" @click="next(0)">{{ t('no_next') }}</button>
        </div>
        <h3>{{ t('logs') }}</h3>
        <div v-if="canWrite" class="fb-write">
          <textarea v-model="words" rows="2" maxlength="2000" :aria-label="t('words')" :placeholder="t('words')"
          ></textarea>
          <div class="fb-kinds">
            <button v-for="kind in KINDS" :key="kind" type="button" @click="log(kind)">{{ t('kind_' + kind) }}</button>
          </div>
        </div>
        <p v-if="!shown.logs.length" class="fb-small">{{ t('no_logs') }}</p>
        <ol class="fb-logs">
          <li v-for="one in shown.logs" :key="one.log_id">
            <p><b>{{ t('kind_' + one.kind) }}</b> {{ one.text }}</p>
            <p class="fb-small">{{ format.when(one.time, store.state.now) }} · {{ by(one.by) }}</p>
          </li>
        </ol>
        <button v-if="shown.cursor" type="button" @click="moreLogs">{{ t('more_logs') }}</button>
        <details v-if="shown.history.length">
          <summary>{{ t('history') }}</summary>
          <ol class="fb-logs">
            <li v-for="one in shown.history" :key="one.number">
              <p><b>{{ t('change_' + one.kind) }}</b>
                <template v-if="one.from_stage && one.from_stage !== one.to_stage">
                  {{ stageName(one.from_stage) }} → {{ stageName(one.to_stage) }}</template></p>
              <p class="fb-small">{{ format.when(one.time, store.state.now) }} · {{ by(one.by) }}</p>
            </li>
          </ol>
        </details>
      </template>
    </aside>`,
};
