// The overview of a corp: figures that follow each call, and how to get started.

import { computed, onBeforeUnmount, onMounted, reactive, ref } from "vue";
import CallbackForm from "tollbooth-overview/callback_form.js";
import { BillLine, MinuteBars } from "tollbooth-overview/charts.js";
import { Figures } from "tollbooth-overview/figures.js";
import { Format } from "tollbooth-overview/format.js";
import GetStarted from "tollbooth-overview/start.js";

const MOST_CODES = 8;
const MOST_METERS = 8;
const MOST_CALLBACKS = 10000;

export default {
  components: { BillLine, CallbackForm, GetStarted, MinuteBars },
  props: {
    corpid: String,
    language: String,
    texts: Object,
    canWrite: Boolean,
    presenter: Boolean,
    baseUrl: String,
    corpPath: String, // the path of the corp's pages
    first: Object,
    minutes: Number,
    apps: Array,
    snippets: Array,
  },
  setup(props) {
    const format = new Format(props.language, props.texts);
    const t = (name, values) => format.text(name, values);
    const figures = new Figures(props.corpid, props.first, props.minutes);
    const { state } = figures;
    const apps = reactive(props.apps.map((one) => ({ ...one })));
    const asked = Number(new URLSearchParams(location.search).get("agentid"));
    const agentid = ref((apps.find((one) => one.agentid === asked) ?? apps[0])?.agentid);
    const app = computed(() => apps.find((one) => one.agentid === agentid.value));

    const summary = computed(() => state.summary);
    const share = computed(() => {
      const { contacts, contact_limit: limit } = summary.value;
      return limit === null ? null : limit ? contacts / limit : 1;
    });
    const thisMinute = computed(() => state.bars.at(-1));
    const most = computed(() => Math.max(0, ...state.bars.map((one) => one.calls)));
    const parts = (all, count, of) => {
      const largest = Math.max(...all.map(of), 0) || 1;
      return all.slice(0, count).map((one) => ({ ...one, share: of(one) / largest }));
    };
    const errors = computed(() => parts(summary.value.calls.errors, MOST_CODES, (one) => one.calls));
    const amounts = computed(() => parts(
      [...summary.value.bill.amounts].sort((one, other) => other.amount - one.amount),
      MOST_METERS,
      (one) => Number(one.amount),
    ));
    const title = (one) => (props.language === "en" ? one.title_en : one.title_zh);
    const counted = (n) => format.number(n) + (n >= MOST_CALLBACKS ? "+" : "");
    const money = (text) => `${format.money(text)} ${summary.value.bill.currency}`;
    const risen = computed(() => (state.summary, figures.risen));
    function choose(event) {
      agentid.value = Number(event.target.value);
      const address = new URL(location.href);
      address.searchParams.set("agentid", agentid.value);
      history.replaceState(history.state, "", address);
    }

    let stop = () => {};
    onMounted(() => { stop = figures.watch(); });
    onBeforeUnmount(() => stop());
    return {
      agentid, amounts, app, apps, choose, counted, errors, format, money, most, risen, share, state, summary, t,
      thisMinute, title,
    };
  },
  template: `
    <div class="ov">
      <p v-if="state.unreachable" class="ov-unreachable" role="alert">{{ state.unreachable === true ? t('unreachable') : state.unreachable }}</p>
      <div class="ov-cards" :class="{ 'ov-stale': state.unreachable }">
        <section class="card ov-card" aria-labelledby="ov-contacts">
          <h2 id="ov-contacts">{{ t('contacts') }}</h2>
          <p class="ov-figure">{{ format.number(summary.contacts) }}</p>
          <template v-if="share !== null">
            <div class="ov-meter" :class="{ 'ov-full': share >= 1, 'ov-near': share >= 0.8 }" role="progressbar"
                 :aria-valuenow="summary.contacts" aria-valuemin="0" :aria-valuemax="summary.contact_limit" aria-labelledby="ov-contacts">
              <span :style="{ width: Math.min(1, share) * 100 + '%' }"></span></div>
            <p class="faint">{{ t('of_limit', { limit: format.number(summary.contact_limit), share: format.percent.format(share) }) }}</p>
            <p v-if="share >= 1" class="bad">{{ t('limit_reached') }}</p>
          </template>
          <p v-else class="faint">{{ t('no_limit') }}</p>
        </section>
        <section class="card ov-card" aria-labelledby="ov-callbacks">
          <h2 id="ov-callbacks">{{ t('callbacks') }}</h2>
          <p class="ov-figure" :class="{ warn: summary.callbacks.waiting }">{{ counted(summary.callbacks.waiting) }}</p>
          <p v-if="summary.callbacks.kept" class="faint">{{ t('kept', { kept: counted(summary.callbacks.kept) }) }}</p>
          <p v-else-if="!summary.callbacks.waiting" class="faint">{{ t('all_sent') }}</p>
          <a :href="corpPath + '/callbacks'">{{ t('see_callbacks') }}</a>
        </section>
        <section class="card ov-card" aria-labelledby="ov-bill">
          <h2 id="ov-bill">{{ t('bill', { month: summary.month }) }}</h2>
          <p class="ov-figure ov-bill" :data-total="summary.bill.total">{{ money(summary.bill.total) }}</p>
          <bill-line :points="state.bill" :label="t('bill_chart', { from: state.bill[0].toFixed(2), to: summary.bill.total })" />
          <p class="faint">{{ t('rising', { amount: risen }) }}</p>
          <a :href="corpPath + '/toll'">{{ t('see_bill') }}</a>
        </section>
        <section class="card ov-card ov-wide" aria-labelledby="ov-calls">
          <div class="ov-head"><h2 id="ov-calls">{{ t('calls') }}</h2>
            <p class="ov-legend"><i class="ov-key"></i>{{ t('answered') }} <i class="ov-key ov-key-refused"></i>{{ t('refused') }}</p></div>
          <p class="ov-figure">{{ format.number(thisMinute.calls) }} <small>{{ t('this_minute') }}</small></p>
          <p v-if="!most && !summary.calls.charged && !summary.calls.refused" class="ov-empty">{{ t('no_calls') }}</p>
          <template v-else>
            <minute-bars :bars="state.bars" :format="format" :label="t('chart', { minutes, most: format.number(most) })" />
            <p class="ov-scale faint"><span>{{ t('minutes_ago', { minutes }) }}</span><span>{{ t('now') }}</span></p>
          </template>
          <div class="ov-head"><p class="faint">{{ t('calls_month', { charged: format.number(summary.calls.charged), refused: format.number(summary.calls.refused) }) }}</p>
            <a :href="corpPath + '/calls'">{{ t('see_calls') }}</a></div>
        </section>
        <section class="card ov-card ov-half" aria-labelledby="ov-errors">
          <h2 id="ov-errors">{{ t('errors') }}</h2>
          <p v-if="!errors.length" class="ov-empty">{{ t('no_errors') }}</p>
          <ul v-else class="ov-parts">
            <li v-for="one in errors" :key="one.errcode">
              <a :href="corpPath + '/calls?errcode=' + one.errcode">{{ one.errcode }} <span class="faint">{{ one.errmsg }}</span></a>
              <span class="number">{{ t('times', { n: format.number(one.calls) }) }}</span>
              <span class="ov-part ov-part-bad" :style="{ width: one.share * 100 + '%' }"></span></li>
          </ul>
          <p v-if="summary.calls.errors.length > errors.length" class="faint">{{ t('more_codes', { n: summary.calls.errors.length - errors.length }) }}</p>
        </section>
        <section class="card ov-card ov-half" aria-labelledby="ov-meters">
          <div class="ov-head"><h2 id="ov-meters">{{ t('by_meter') }}</h2><span class="faint">{{ t('price_book', { book: summary.bill.price_book }) }}</span></div>
          <p v-if="!amounts.length" class="ov-empty">{{ t('nothing_charged') }}</p>
          <ul v-else class="ov-parts">
            <li v-for="one in amounts" :key="one.meter">
              <span>{{ title(one) }}</span><span class="number">{{ format.money(one.amount) }}</span>
              <span class="ov-part" :style="{ width: one.share * 100 + '%' }"></span></li>
          </ul>
        </section>
      </div>
      <section v-if="app" class="card ov-panel" aria-labelledby="ov-start">
        <div class="ov-head"><h2 id="ov-start">{{ t('start') }}</h2>
          <label class="ov-app">{{ t('app') }}
            <select :value="agentid" @change="choose">
              <option v-for="one in apps" :key="one.agentid" :value="one.agentid">{{ one.name }} · {{ one.agentid }}</option>
            </select></label></div>
        <p class="faint">{{ t('start_about') }}</p>
        <get-started :corpid="corpid" :base-url="baseUrl" :app="app" :snippets="snippets" :presenter="presenter" :format="format" />
        <h3>{{ t('callback') }}</h3>
        <callback-form :corpid="corpid" :app="app" :can-write="canWrite" :presenter="presenter" :format="format" />
      </section>
    </div>`,
};
