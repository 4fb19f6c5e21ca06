// The follow-up board: columns, table and funnel of the same records.

import { computed, defineAsyncComponent, nextTick, onBeforeUnmount, onMounted, reactive, ref } from "vue";
import { Api } from "tollbooth-board/api.js";
import BoardColumn from "tollbooth-board/column.js";
import { allows } from "tollbooth-board/columns.js";
import { Format } from "tollbooth-board/format.js";
import LatencySwitch from "tollbooth-board/latency.js";
import { Store } from "tollbooth-board/store.js";

// What isn't seen at first is loaded after the first cards.
const LATER = {
  QuickLog: () => import("tollbooth-board/quick_log.js"),
  RecordPanel: () => import("tollbooth-board/panel.js"),
  RecordTable: () => import("tollbooth-board/table.js"),
  StageFunnel: () => import("tollbooth-board/funnel.js"),
};
const LATER_COMPONENTS = Object.fromEntries(
  Object.entries(LATER).map(([name, load]) => [name, defineAsyncComponent(load)]),
);

const TIMED = ["board", "move", "add_log"];
const VIEWS = ["board", "table", "funnel"];

export default {
  components: { BoardColumn, LatencySwitch, ...LATER_COMPONENTS },
  props: {
    corpid: String,
    language: String,
    texts: Object,
    canWrite: Boolean,
    customers: String, // the path of customers' pages; the external_userid follows
  },
  setup(props) {
    const format = new Format(props.language, props.texts);
    const t = (name, values) => format.text(name, values);
    const address = new URLSearchParams(location.search);
    const took = (operation, ms) => (state.took = { ...state.took, [operation]: ms });
    const store = new Store(new Api(props.corpid, took), format, {
      userid: address.get("userid") || "",
    });
    const { state } = store;
    const view = reactive({
      name: VIEWS.includes(address.get("view")) ? address.get("view") : "board",
      record: address.get("record") || "",
      log: null, // { card, anchor }
      said: "", // for screen readers
    });
    const query = ref({
      text: address.get("text") || "",
      stage: address.get("stage") || "",
      overdue: address.has("overdue"),
      sort: address.get("sort") || "",
      order: address.get("order") || "",
    });
    const shownColumns = ref([]);
    let opener = null;

    function search(more = {}) {
      const table = view.name === "table" ? query.value : {};
      const parts = {
        ...(view.name !== "board" && { view: view.name }),
        ...(state.userid && { userid: state.userid }),
        ...Object.fromEntries(Object.entries(table).filter(([, value]) => value)),
        ...(view.record && { record: view.record }),
        ...more,
      };
      const text = new URLSearchParams(parts).toString().replace("overdue=true", "overdue=1");
      return text ? `?${text}` : location.pathname;
    }
    const linkOf = (record) => search({ record: record.follow_up_id });
    const customerLink = (record) => `${props.customers}${encodeURIComponent(record.external_userid)}`;
    const keep = () => history.replaceState(history.state, "", search());

    const lastTimes = computed(() => TIMED.filter((name) => name in state.took)
      .map((name) => `${t(`took_${name}`)} ${format.milliseconds(state.took[name])}`)
      .join(" · "));

    function show(name) {
      view.name = name;
      view.log = null;
      keep();
    }
    function open(record) {
      opener = document.activeElement;
      view.record = record.follow_up_id;
      keep();
    }
    function close() {
      view.record = "";
      keep();
      opener?.focus?.();
    }
    function log(card, anchor) {
      opener = anchor;
      view.log = { card, anchor };
    }
    function logged() {
      view.log = null;
      nextTick(() => opener?.isConnected && opener.focus());
    }
    function ask(values) {
      query.value = values;
      keep();
    }
    function only(values) {
      query.value = { text: "", stage: "", overdue: false, sort: "", order: "", ...values };
      show("table");
    }
    async function choose(event) {
      await store.choose(event.target.value);
      keep();
    }
    function tabs(event) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      const name = VIEWS[(VIEWS.indexOf(view.name) + by + VIEWS.length) % VIEWS.length];
      show(name);
      nextTick(() => document.getElementById(`fb-tab-${name}`).focus());
    }

    // --- keys ---

    const columnAt = (place) => shownColumns.value.find((one) => one.column === store.columns[place]);
    function neighbour(column, { index, by }) {
      columnAt(store.columns.indexOf(column) + by)?.focus(index);
    }
    async function shift(column, { card, index, by, to }) {
      const from = store.columns.indexOf(column);
      let place = from;
      if (to) {
        place += to;
        while (store.columns[place] && !allows(column, store.columns[place])) place += to;
      }
      const target = store.columns[place];
      if (!props.canWrite || !target) return;
      const wanted = to ? 0 : Math.max(0, index + by);
      if (!to && wanted >= column.cards.length) return;
      const moved = store.move(card.follow_up_id, target, to ? 0 : by > 0 ? index + 2 : wanted);
      view.said = t("moved_to", { title: card.title, target: target.name, place: wanted + 1 });
      await nextTick();
      columnAt(place)?.focus(wanted);
      if (!(await moved)) view.said = state.notice?.text || "";
    }

    onMounted(async () => {
      await store.start();
      for (const load of Object.values(LATER)) load();
    });
    onBeforeUnmount(() => store.stop());
    const pick = (element) => element && !shownColumns.value.includes(element) && shownColumns.value.push(element);
    return {
      VIEWS, ask, choose, close, customerLink, format, lastTimes, linkOf, log, logged, neighbour, only, open, pick,
      query, shift, show, shownColumns, state, store, t, tabs, view,
    };
  },
  template: `
    <div class="fb" :class="{ 'fb-beside': view.record }">
      <div class="fb-bar-top">
        <div class="fb-tabs" role="tablist" :aria-label="t('views')" @keydown="tabs">
          <button v-for="name in VIEWS" :key="name" type="button" role="tab" :id="'fb-tab-' + name"
                  :aria-selected="view.name === name" aria-controls="fb-view" :tabindex="view.name === name ? 0 : -1"
                  @click="show(name)">{{ t('view_' + name) }}</button>
        </div>
        <label>{{ t('member') }}
          <select :value="state.userid" @change="choose">
            <option value="">{{ t('all_members') }}</option>
            <option v-if="state.userid && !state.members.some((one) => one.userid === state.userid)"
                    :value="state.userid">{{ state.userid }}</option>
            <option v-for="one in state.members" :key="one.userid" :value="one.userid">{{ one.name }}</option>
          </select></label>
        <span class="fb-took" :title="t('took_hint')">{{ lastTimes }}</span>
        <button type="button" @click="store.load()">{{ t('reload') }}</button>
      </div>
      <latency-switch :store="store" :can-write="canWrite" />
      <p v-if="!canWrite" class="fb-small">{{ t('read_only') }}</p>
      <div class="fb-body">
        <div id="fb-view" class="fb-view" role="tabpanel" :aria-labelledby="'fb-tab-' + view.name">
          <div v-if="state.phase === 'loading'" class="fb-columns" role="status" :aria-label="t('loading')">
            <div v-for="n in 4" :key="n" class="fb-column fb-ghost"><span></span><span></span><span></span></div>
          </div>
          <div v-else-if="state.phase === 'error'" class="fb-state" role="alert">
            <p>{{ state.error }}</p><button type="button" @click="store.load()">{{ t('again') }}</button>
          </div>
          <template v-else>
            <p v-if="!state.records" class="fb-state">{{ t('empty') }}</p>
            <div v-show="view.name === 'board'" class="fb-columns" tabindex="0" role="region" :aria-label="t('view_board')">
              <board-column v-for="column in store.columns" :key="column.id" :ref="pick" :store="store"
                :column="column" :can-write="canWrite" :link-of="linkOf" @open="open" @log="log"
                @neighbour="neighbour(column, $event)" @shift="shift(column, $event)" />
            </div>
            <record-table v-if="view.name === 'table'" :store="store" :query="query" :can-write="canWrite"
              :link-of="linkOf" @open="open" @log="log" @query="ask" />
            <stage-funnel v-if="view.name === 'funnel'" :store="store" @stage="only({ stage: $event })"
              @overdue="only({ overdue: true, sort: 'next_time', order: 'asc' })" />
          </template>
        </div>
        <record-panel v-if="view.record && state.phase === 'ready'" :id="view.record" :store="store"
          :can-write="canWrite" :customer-link="customerLink" @close="close" />
      </div>
      <quick-log v-if="view.log" :key="view.log.card.follow_up_id" :store="store" :card="view.log.card"
        :anchor="view.log.anchor" @close="logged" />
      <div class="fb-notices" role="status"><p v-if="state.notice" :class="'fb-notice-' + state.notice.kind">
        {{ state.notice.text }}</p></div>
      <p class="fb-hidden" aria-live="assertive">{{ view.said }}</p>
      <p v-if="view.name === 'board' && canWrite" class="fb-small fb-help">{{ t('keys') }}</p>
    </div>`,
};
