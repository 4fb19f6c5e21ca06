// One column: only the cards in sight are in the page, however many are loaded.

import { computed, nextTick, onBeforeUnmount, onMounted, ref, watch } from "vue";
import BoardCard from "./card.js";
import { allows } from "./columns.js";

export const CARD = 100; // height of a card with its gap, in pixels; board.css has the same
const AROUND = 6; // cards above and below those in sight
const AHEAD = 20; // so many cards before the end, the next page is read

export default {
  name: "BoardColumn",
  components: { BoardCard },
  props: { store: Object, column: Object, canWrite: Boolean, linkOf: Function },
  emits: ["open", "log", "neighbour", "shift"],
  setup(props, { emit, expose }) {
    const { store, column } = props;
    const { state } = store;
    const box = ref(null);
    const top = ref(0);
    const height = ref(600);
    const active = ref("");
    let frame = 0;

    const first = computed(() => Math.max(0, Math.floor(top.value / CARD) - AROUND));
    const last = computed(() => Math.ceil((top.value + height.value) / CARD) + AROUND);
    const activeId = computed(() => {
      const inSight = shown.value.some(({ card }) => card.follow_up_id === active.value);
      const sighted = Math.min(Math.ceil(top.value / CARD), column.cards.length - 1);
      return inSight ? active.value : column.cards[sighted]?.follow_up_id;
    });
    const shown = computed(() => {
      const found = [];
      const { cards } = column;
      for (let index = first.value; index < Math.min(last.value, cards.length); index += 1) {
        found.push({ card: cards[index], index });
      }
      // A card that leaves the page while it's dragged would end the drag.
      if (state.drag?.from === column.id) {
        const index = cards.findIndex((card) => card.follow_up_id === state.drag.id);
        if (index >= 0 && (index < first.value || index >= last.value)) found.push({ card: cards[index], index });
      }
      return found;
    });
    const takes = computed(() => {
      const from = state.drag && store.columns.find((one) => one.id === state.drag.from);
      return !from || allows(from, column);
    });

    function look() {
      frame = 0;
      if (!box.value) return;
      top.value = box.value.scrollTop;
      height.value = box.value.clientHeight;
      if (column.cursor && !column.error && last.value + AHEAD > column.cards.length) store.more(column);
    }
    function scrolled() {
      frame ||= requestAnimationFrame(look);
    }
    const resized = new ResizeObserver(scrolled);
    onMounted(() => {
      resized.observe(box.value);
      look();
    });
    onBeforeUnmount(() => {
      resized.disconnect();
      cancelAnimationFrame(frame);
    });

    // What somebody looks at stays where it is when cards come in above it.
    watch(() => column.cards, (cards, before) => {
      const seen = before[Math.floor(top.value / CARD)];
      if (top.value > CARD && seen && cards[before.indexOf(seen)] !== seen) {
        const index = cards.findIndex((card) => card.follow_up_id === seen.follow_up_id);
        if (index >= 0) {
          const moved = (index - before.indexOf(seen)) * CARD;
          nextTick(() => moved && box.value && (box.value.scrollTop += moved));
        }
      }
      scrolled();
    });

    function indexAt(event) {
      const y = event.clientY - box.value.getBoundingClientRect().top + box.value.scrollTop;
      return Math.max(0, Math.min(column.cards.length, Math.round(y / CARD)));
    }
    function over(event) {
      if (!state.drag || !takes.value) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      const index = indexAt(event);
      if (state.drop?.stage !== column.id || state.drop.index !== index) {
        state.drop = { stage: column.id, index };
      }
    }
    function left(event) {
      if (!box.value.contains(event.relatedTarget) && state.drop?.stage === column.id) state.drop = null;
    }
    function dropped(event) {
      event.preventDefault();
      const { drag } = state;
      const index = indexAt(event);
      state.drag = state.drop = null;
      if (drag) store.move(drag.id, column, index);
    }
    function dragged(event, card) {
      event.dataTransfer.setData("text/plain", card.title);
      event.dataTransfer.effectAllowed = "move";
      state.drag = { id: card.follow_up_id, from: column.id };
    }
    function dragEnd() {
      state.drag = state.drop = null;
    }

    async function focus(index) {
      const place = Math.max(0, Math.min(column.cards.length - 1, index));
      const card = column.cards[place];
      if (!card) return;
      const { scrollTop, clientHeight } = box.value;
      if (place * CARD < scrollTop) box.value.scrollTop = place * CARD;
      if ((place + 1) * CARD > scrollTop + clientHeight) {
        box.value.scrollTop = (place + 1) * CARD - clientHeight;
      }
      active.value = card.follow_up_id;
      look();
      await nextTick();
      box.value.querySelector(`[data-card="${card.follow_up_id}"]`)?.focus({ preventScroll: true });
    }
    function pressed(event) {
      const item = event.target.closest("[data-card]");
      if (!item || event.target.tagName === "SELECT") return;
      const index = column.cards.findIndex((card) => card.follow_up_id === item.dataset.card);
      const card = column.cards[index];
      if (!card) return;
      const vertical = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (vertical && event.altKey) emit("shift", { card, index, by: vertical });
      else if (sideways && event.altKey) emit("shift", { card, index, to: sideways });
      else if (vertical) focus(index + vertical);
      else if (sideways) emit("neighbour", { index, by: sideways });
      else if (event.key === "Enter" && event.target === item) emit("open", card);
      else if (event.key.toLowerCase() === "l" && !event.ctrlKey && !event.metaKey) emit("log", card, item);
      else return;
      event.preventDefault();
    }
    const moveTo = (card, id) => store.move(card.follow_up_id, store.columns.find((one) => one.id === id), 0);
    expose({ focus, column });
    return {
      CARD, active, activeId, box, dragEnd, dragged, dropped, left, look, moveTo, over, pressed, scrolled, shown,
      state, takes, t: (name, values) => store.format.text(name, values),
    };
  },
  template: `
    <section class="fb-column" :class="{ 'fb-closed': !takes }" :aria-label="column.name"
             :data-stage="column.id">
      <header class="fb-head">
        <span class="fb-dot" :style="{ background: column.color }"></span>
        <h2>{{ column.name }}</h2>
        <span class="fb-count">{{ store.format.count(column.count) }}</span>
        <span class="fb-sum">{{ store.format.shortMoney(column.amount) }}</span>
      </header>
      <div class="fb-scroll" ref="box" @scroll.passive="scrolled" @dragover="over" @dragleave="left"
           @drop="dropped" @keydown="pressed">
        <ol :style="{ height: column.cards.length * CARD + 'px' }">
          <board-card v-for="{ card, index } in shown" :key="card.follow_up_id" :store="store" :card="card"
            :column="column" :index="index" :top="index * CARD" :active="activeId === card.follow_up_id"
            :pending="state.pending.has(card.follow_up_id)" :can-write="canWrite" :link="linkOf(card)"
            @open="$emit('open', card)" @log="$emit('log', card, $event.currentTarget)"
            @move="moveTo(card, $event)" @drag="dragged($event, card)" @drag-end="dragEnd"
            @focus-card="active = card.follow_up_id" />
        </ol>
        <div v-if="state.drop && state.drop.stage === column.id" class="fb-drop"
             :style="{ transform: 'translateY(' + state.drop.index * CARD + 'px)' }"></div>
        <p v-if="column.error" class="fb-note" role="alert">{{ column.error }}
          <button type="button" @click="column.error = ''; store.more(column)">{{ t('again') }}</button></p>
        <p v-else-if="column.loading" class="fb-note" role="status">{{ t('loading_more') }}</p>
        <p v-else-if="!column.cards.length" class="fb-note">{{ t('empty_column') }}</p>
        <p v-else-if="!column.cursor" class="fb-note">{{ t('all_shown') }}</p>
      </div>
    </section>`,
};
