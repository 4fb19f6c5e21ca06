// The switch for the latency profile article-2025, and what it makes of the corp's number of records.

import { computed } from "vue";

const SIZES = [400, 1000, 10000, 100000];

export default {
  name: "LatencySwitch",
  props: { store: Object, canWrite: Boolean },
  setup(props) {
    const { store } = props;
    const { state, format } = store;
    const t = (name, values) => format.text(name, values);
    const expected = computed(() => {
      const profile = state.latency;
      if (!profile) return 0;
      const above = Math.max(0, state.records - profile.threshold);
      const wait = (profile.base_ms + (above / 100) * profile.ms_per_100) * (profile.operations.board ?? 1);
      return Math.min(wait, profile.max_ms);
    });
    const sentence = computed(() => {
      const { latency } = state;
      if (!latency) return t("latency_off");
      const values = { records: records.value, threshold: format.count(latency.threshold) };
      if (!expected.value) return t("latency_below", values);
      return t("latency_above", { ...values, wait: format.milliseconds(expected.value) });
    });
    const records = computed(() => format.count(state.records));
    const sizes = computed(() => SIZES.filter((size) => size > state.records));
    function fill(event) {
      const size = Number(event.target.value);
      event.target.value = "";
      if (size) store.fill(size);
    }
    return { fill, format, records, sentence, sizes, state, store, t };
  },
  template: `
    <div class="fb-latency">
      <button type="button" role="switch" class="fb-switch" :aria-checked="Boolean(state.latency)"
              :disabled="!canWrite || state.latency === undefined" @click="store.setLatency(!state.latency)">
        <span class="fb-knob" aria-hidden="true"></span>{{ t('latency') }}</button>
      <span class="fb-small">{{ sentence }}</span>
      <label v-if="canWrite && sizes.length" class="fb-small">{{ t('fill') }}
        <select :disabled="state.filling" @change="fill">
          <option value="">{{ state.filling ? t('filling', { records }) : t('filled', { records }) }}</option>
          <option v-for="size in sizes" :key="size" :value="size">{{ format.count(size) }}</option>
        </select></label>
    </div>`,
};
