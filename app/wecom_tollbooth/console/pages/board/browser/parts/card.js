// One card of a column.

export default {
  name: "BoardCard",
  props: {
    store: Object,
    card: Object,
    column: Object,
    index: Number,
    top: Number,
    active: Boolean,
    pending: Boolean,
    canWrite: Boolean,
    link: String,
  },
  emits: ["open", "log", "move", "drag", "dragEnd", "focusCard"],
  computed: {
    due() {
      return this.store.format.due(this.card.next_time, this.store.state.now);
    },
    targets() {
      const { columns } = this.store;
      return columns.filter((one) => one.id === this.column.id || this.allowed(one));
    },
    stop() {
      return this.active ? 0 : -1;
    },
  },
  methods: {
    t(name, values) {
      return this.store.format.text(name, values);
    },
    allowed(target) {
      return !this.column.ways.length || this.column.ways.includes(target.id);
    },
    moved(event) {
      const target = event.target.value;
      event.target.value = this.column.id;
      if (target !== this.column.id) this.$emit("move", target);
    },
  },
  template: `
    <li class="fb-card" :class="['fb-' + due.kind, { 'fb-pending': pending }]"
        :style="{ transform: 'translateY(' + top + 'px)' }"
        :data-card="card.follow_up_id" :draggable="canWrite" :tabindex="stop"
        :aria-setsize="column.count" :aria-posinset="index + 1" :aria-busy="pending"
        :aria-label="card.title"
        @dragstart="$emit('drag', $event)" @dragend="$emit('dragEnd')" @focusin="$emit('focusCard')">
      <div class="fb-line">
        <a class="fb-title" :href="link" :tabindex="stop" draggable="false"
           @click.exact.prevent="$emit('open')">{{ card.title }}</a>
        <span v-if="card.priority" class="fb-priority" :class="'fb-priority-' + card.priority"
          >{{ t('priority_' + card.priority) }}</span>
      </div>
      <div class="fb-line fb-facts">
        <span class="fb-owner">{{ store.memberName(card.userid) }}</span>
        <span v-if="card.amount" class="fb-amount">{{ store.format.money(card.amount) }}</span>
      </div>
      <div class="fb-line">
        <span class="fb-due">{{ due.text || t('no_due') }}</span>
        <span v-if="pending" class="fb-waiting">{{ t('waiting') }}</span>
        <template v-else-if="canWrite">
          <span class="fb-moving">
            <select :aria-label="t('move_card', { title: card.title })" :tabindex="stop" :value="column.id"
                    :title="t('move_to')" @change="moved">
              <option v-for="one in targets" :key="one.id" :value="one.id">{{ one.name }}</option>
            </select>
            <span aria-hidden="true">⇄</span>
          </span>
          <button type="button" class="fb-log" :tabindex="stop" :title="t('log_hint')"
                  :aria-label="t('log_card', { title: card.title })" @click="$emit('log', $event)"
            >{{ t('log') }}</button>
        </template>
      </div>
    </li>`,
};
