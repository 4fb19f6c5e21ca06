// Finds a member or a customer by name.

export const Picker = {
  props: { corpid: String, kind: String, texts: Object, label: String, modelValue: Object, rows: { type: Number, default: 1 } },
  emits: ["update:modelValue", "failed"],
  data: () => ({ find: "", found: [], loaded: false }),
  computed: {
    options() {
      const chosen = this.modelValue;
      if (!chosen || chosen.kind !== this.kind || this.found.some((one) => one.id === chosen.id)) return this.found;
      return [chosen, ...this.found];
    },
    value() { return this.modelValue?.kind === this.kind ? this.modelValue.id : ""; },
  },
  watch: {
    kind() { this.find = ""; this.look(); },
    find() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), 200);
    },
  },
  mounted() { this.look(); },
  methods: {
    async look() {
      const asked = (this.asked = (this.asked ?? 0) + 1);
      try {
        const query = tollbooth.query({ kind: this.kind, find: this.find.trim(), limit: 50 });
        const { people } = await tollbooth.control(this.corpid, "GET", `/people${query}`);
        if (asked === this.asked) Object.assign(this, { found: people, loaded: true });
      } catch (error) {
        this.$emit("failed", error.message);
      }
    },
    choose(id) { this.$emit("update:modelValue", this.options.find((one) => one.id === id)); },
    named(one) { return one.corp_name ? `${one.name} @${one.corp_name}` : `${one.name} · ${one.id.length > 16 ? one.id.slice(0, 10) + "…" : one.id}`; },
  },
  template: `
    <div class="picker">
      <input v-model="find" type="search" maxlength="64" :aria-label="texts.find" :placeholder="texts.find_how" @keydown.enter.prevent>
      <select :value="value" :aria-label="label" :size="rows" @change="choose($event.target.value)">
        <option v-if="rows === 1 && !value" value="" disabled>{{ loaded && !options.length ? texts.nobody : label }}</option>
        <option v-for="one in options" :key="one.id" :value="one.id">{{ named(one) }}</option>
      </select>
      <p v-if="loaded && !options.length && rows > 1" class="faint" role="status">{{ texts.nobody }}</p>
    </div>`,
};
