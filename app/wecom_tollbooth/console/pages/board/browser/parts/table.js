// The records as a table: filters and order are the server's, rows out of sight aren't in the page.

import { computed, onBeforeUnmount, onMounted, reactive, ref, shallowRef, watch } from "vue";
import { CallError } from "./api.js";

const ROW = 44; // height of a row in pixels; board.css has the same
const PAGE = 100;
const AROUND = 8;
const SORTED = ["amount", "next_time", "last_time", "updated"];
const ONE_BY_ONE = 5; // so many changed rows are read one by one
const EMPTY_PAGES = 40; // a page may be short; so many without a match are read at a time

export default {
  name: "RecordTable",
  props: { store: Object, query: Object, canWrite: Boolean, linkOf: Function },
  emits: ["open", "log", "query"],
  setup(props, { emit }) {
    const { store } = props;
    const { format, api, state } = store;
    const t = (name, values) => format.text(name, values);
    const rows = shallowRef([]);
    const box = ref(null);
    const top = ref(0);
    const height = ref(600);
    const table = reactive({ cursor: "", loading: false, error: "", stale: false, ended: false });
    const typed = ref(props.query.text || "");
    let asked = 0;
    let frame = 0;
    let typing = 0;

    const filters = computed(() => {
      const { text, stage, overdue, sort, order } = props.query;
      return {
        ...(state.userid && { userid: state.userid }),
        ...(stage && { stage_id: stage }),
        ...(overdue && { overdue: true, closed: false }),
        ...(text && text.trim().length > 1 && { text: text.trim() }),
        ...(sort && { sort }),
        ...(order && { order }),
      };
    });

    async function read(fresh) {
      if (table.loading && !fresh) return;
      const number = (asked += 1);
      table.loading = true;
      table.error = "";
      if (fresh) Object.assign(table, { stale: false, ended: false });
      let cursor = fresh ? "" : table.cursor;
      let found = [];
      try {
        for (let page = 0; page < EMPTY_PAGES; page += 1) {
          const body = { ...filters.value, limit: PAGE, ...(cursor && { cursor }) };
          const reply = await api.followUp("list", body);
          if (number !== asked) return;
          found = found.concat(reply.follow_ups);
          cursor = reply.next_cursor || "";
          if (!cursor || found.length >= PAGE / 2) break;
        }
        rows.value = fresh ? found : rows.value.concat(found);
        Object.assign(table, { cursor, ended: !cursor });
        if (fresh && box.value) box.value.scrollTop = 0;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (number === asked) table.error = store.sentence(error);
      } finally {
        if (number === asked) table.loading = false;
      }
    }
    async function patch(place) {
      const { follow_up_id } = rows.value[place];
      const { follow_up } = await api.followUp("get", { follow_up_id });
      const now = rows.value.findIndex((one) => one.follow_up_id === follow_up_id);
      if (now >= 0) rows.value = rows.value.with(now, follow_up);
    }
    function look() {
      frame = 0;
      if (!box.value) return;
      top.value = box.value.scrollTop;
      height.value = box.value.clientHeight;
      const wanted = (top.value + height.value) / ROW + 3 * AROUND;
      if (table.cursor && !table.error && wanted > rows.value.length) read(false);
    }
    function scrolled() {
      frame ||= requestAnimationFrame(look);
    }
    const resized = new ResizeObserver(scrolled);
    onMounted(() => {
      resized.observe(box.value);
      read(true);
    });
    onBeforeUnmount(() => {
      resized.disconnect();
      cancelAnimationFrame(frame);
      clearTimeout(typing);
      asked += 1;
    });
    watch(filters, () => read(true));
    watch(() => state.touched, ({ ids }) => {
      const places = ids ? rows.value.flatMap((one, place) => (ids.has(one.follow_up_id) ? [place] : [])) : [];
      if (ids?.size <= ONE_BY_ONE && places.length === ids.size) places.forEach(patch);
      else table.stale = true;
    });
    watch(rows, scrolled);

    const first = computed(() => Math.max(0, Math.floor(top.value / ROW) - AROUND));
    const shown = computed(() => rows.value.slice(first.value, Math.ceil((top.value + height.value) / ROW) + AROUND));
    const set = (values) => emit("query", { ...props.query, ...values });
    function sortBy(name) {
      const { sort, order } = props.query;
      if (sort !== name) set({ sort: name, order: name === "next_time" ? "asc" : "desc" });
      else set({ order: order === "desc" ? "asc" : "desc" });
    }
    const sorting = (name) => {
      if (props.query.sort !== name) return "none";
      return props.query.order === "asc" ? "ascending" : "descending";
    };
    function type() {
      clearTimeout(typing);
      typing = setTimeout(() => set({ text: typed.value }), 300);
    }
    const stageOf = (id) => store.columns.find((one) => one.id === id) || { name: id, color: "#8c8c8c" };
    return {
      ROW, SORTED, box, first, format, read, rows, scrolled, set, shown, sortBy, sorting, stageOf, state, t, table,
      type, typed,
    };
  },
  template: `
    <div class="fb-table-page">
      <div class="fb-filters">
        <input type="search" v-model="typed" :aria-label="t('search')" :placeholder="t('search')" @input="type">
        <select :aria-label="t('stage')" :value="query.stage || ''" @change="set({ stage: $event.target.value })">
          <option value="">{{ t('all_stages') }}</option>
          <option v-for="one in store.columns" :key="one.id" :value="one.id">{{ one.name }}</option>
        </select>
        <label class="fb-check"><input type="checkbox" :checked="query.overdue"
          @change="set({ overdue: $event.target.checked })">{{ t('only_overdue') }}</label>
        <button v-if="table.stale" type="button" class="fb-stale" @click="read(true)">{{ t('stale') }}</button>
      </div>
      <div class="fb-rows" ref="box" tabindex="0" role="region" :aria-label="t('view_table')"
           @scroll.passive="scrolled">
        <table :aria-rowcount="table.ended ? rows.length + 1 : -1">
          <thead><tr>
            <th scope="col">{{ t('title') }}</th><th scope="col">{{ t('stage') }}</th>
            <th scope="col" class="fb-wide">{{ t('owner') }}</th>
            <th v-for="name in SORTED" :key="name" scope="col" :class="name === 'next_time' ? '' : 'fb-wide'"
                :aria-sort="sorting(name)">
              <button type="button" @click="sortBy(name)">{{ t('sort_' + name) }}
                <span aria-hidden="true">{{ { none: '', ascending: '↑', descending: '↓' }[sorting(name)] }}</span>
              </button></th>
            <th scope="col" v-if="canWrite" class="fb-wide"><span class="fb-hidden">{{ t('log') }}</span></th>
          </tr></thead>
          <tbody>
            <tr v-if="first" aria-hidden="true" :style="{ height: first * ROW + 'px' }"></tr>
            <tr v-for="(one, place) in shown" :key="one.follow_up_id" :data-row="one.follow_up_id"
                :aria-rowindex="first + place + 2" :class="'fb-' + format.due(one.next_time, state.now).kind">
              <th scope="row"><a :href="linkOf(one)" @click.exact.prevent="$emit('open', one)">{{ one.title }}</a></th>
              <td><span class="fb-dot" :style="{ background: stageOf(one.stage_id).color }"></span>
                {{ stageOf(one.stage_id).name }}</td>
              <td class="fb-wide">{{ store.memberName(one.userid) }}</td>
              <td class="fb-wide fb-number">{{ one.amount ? format.money(one.amount) : '' }}</td>
              <td><span class="fb-due">{{ format.due(one.next_time, state.now).text }}</span></td>
              <td class="fb-wide">{{ format.when(one.last_time, state.now) }}</td>
              <td class="fb-wide">{{ format.when(one.updated_time, state.now) }}</td>
              <td v-if="canWrite" class="fb-wide"><button type="button" class="fb-log"
                :aria-label="t('log_card', { title: one.title })"
                @click="$emit('log', one, $event.currentTarget)">{{ t('log') }}</button></td>
            </tr>
            <tr v-if="rows.length > first + shown.length" aria-hidden="true"
                :style="{ height: (rows.length - first - shown.length) * ROW + 'px' }"></tr>
          </tbody>
        </table>
        <p v-if="table.error" class="fb-note" role="alert">{{ table.error }}
          <button type="button" @click="read(!rows.length)">{{ t('again') }}</button></p>
        <p v-else-if="table.loading" class="fb-note" role="status">{{ t('loading_more') }}</p>
        <p v-else-if="!rows.length" class="fb-note">{{ t('nothing_found') }}</p>
      </div>
    </div>`,
};
