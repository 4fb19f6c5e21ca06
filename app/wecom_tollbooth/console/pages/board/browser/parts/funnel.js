// The records as a funnel: how many have come to each stage, and how long they stay.

import { computed, onMounted, reactive, watch } from "vue";
import { CallError } from "./api.js";

export default {
  name: "StageFunnel",
  props: { store: Object },
  emits: ["stage", "overdue"],
  setup(props) {
    const { store } = props;
    const { api, format, state } = store;
    const t = (name, values) => format.text(name, values);
    const shown = reactive({ phase: "loading", error: "", total: 0, overdue: 0, due_in_a_day: 0, stages: [] });
    let asked = 0;
    async function read() {
      const number = (asked += 1);
      try {
        const reply = await api.followUp("statistics", state.userid ? { userid: state.userid } : {});
        if (number === asked) Object.assign(shown, reply, { phase: "ready" });
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (number === asked) Object.assign(shown, { phase: "error", error: store.sentence(error) });
      }
    }
    onMounted(read);
    watch(() => [state.userid, state.touched], read);
    const most = computed(() => Math.max(1, ...shown.stages.map((stage) => stage.count)));
    const share = (number, of) => `${of ? Math.round((number / of) * 1000) / 10 : 0} %`;
    const colorOf = (id) => store.columns.find((one) => one.id === id)?.color || "#8c8c8c";
    return { colorOf, format, most, read, share, shown, t };
  },
  template: `
    <div class="fb-funnel">
      <p v-if="shown.phase === 'loading'" role="status">{{ t('loading') }}</p>
      <p v-else-if="shown.phase === 'error'" role="alert">{{ shown.error }}
        <button type="button" @click="read">{{ t('again') }}</button></p>
      <template v-else>
        <div class="fb-figures">
          <div><b>{{ format.count(shown.total) }}</b>{{ t('records') }}</div>
          <button type="button" class="fb-overdue" @click="$emit('overdue')">
            <b class="fb-due">{{ format.count(shown.overdue) }}</b>{{ t('overdue') }}</button>
          <div><b>{{ format.count(shown.due_in_a_day) }}</b>{{ t('due_in_a_day') }}</div>
        </div>
        <ol>
          <li v-for="stage in shown.stages" :key="stage.stage_id">
            <button type="button" class="fb-stage" @click="$emit('stage', stage.stage_id)">{{ stage.name }}</button>
            <div class="fb-bar"><span :style="{ width: 100 * stage.count / most + '%',
              background: colorOf(stage.stage_id) }"></span></div>
            <p><b>{{ format.count(stage.count) }}</b> · {{ share(stage.count, shown.total) }} ·
              {{ format.shortMoney(stage.amount) }}</p>
            <p class="fb-small">{{ t('flow', { entered: format.count(stage.entered), left: format.count(stage.left) }) }}
              <template v-if="stage.left">· {{ t('stay', { span: format.span(stage.average_seconds) }) }}</template></p>
          </li>
        </ol>
      </template>
    </div>`,
};
