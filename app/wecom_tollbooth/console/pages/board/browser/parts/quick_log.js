// A log entry in two clicks: the button of a card opens this, a kind saves. Words are optional.

import { nextTick, onMounted, ref } from "vue";

const KINDS = ["call", "visit", "message", "note"];
const WIDTH = 300;
const HEIGHT = 190;

export default {
  name: "QuickLog",
  props: { store: Object, card: Object, anchor: Object },
  emits: ["close"],
  setup(props, { emit }) {
    const t = (name, values) => props.store.format.text(name, values);
    const words = ref("");
    const box = ref(null);
    const at = props.anchor.getBoundingClientRect();
    const place = {
      left: `${Math.max(8, Math.min(at.right - WIDTH, innerWidth - WIDTH - 8))}px`,
      top: `${at.bottom + HEIGHT < innerHeight ? at.bottom + 4 : Math.max(8, at.top - HEIGHT - 4)}px`,
    };
    onMounted(() => nextTick(() => box.value.querySelector("textarea").focus({ preventScroll: true })));
    function save(kind) {
      props.store.log(props.card, kind, words.value.trim() || t(`said_${kind}`));
      emit("close");
    }
    function left(event) {
      if (event.relatedTarget && !box.value.contains(event.relatedTarget)) emit("close");
    }
    return { KINDS, box, left, place, save, t, words };
  },
  template: `
    <div class="fb-quick" ref="box" role="dialog" :aria-label="t('log_card', { title: card.title })"
         :style="place" @keydown.esc.stop="$emit('close')" @focusout="left"
         @keydown.ctrl.enter="save('note')" @keydown.meta.enter="save('note')">
      <p class="fb-quick-title">{{ card.title }}</p>
      <textarea v-model="words" rows="2" maxlength="2000" :aria-label="t('words')" :placeholder="t('words')"
      ></textarea>
      <div class="fb-kinds">
        <button v-for="kind in KINDS" :key="kind" type="button" :data-kind="kind" @click="save(kind)"
        >{{ t('kind_' + kind) }}</button>
      </div>
      <p class="fb-small">{{ t('words_hint') }}</p>
    </div>`,
};
