// Two small charts, drawn as SVG.

const WIDTH = 600;
const HEIGHT = 96;

export const MinuteBars = {
  props: { bars: Array, format: Object, label: String },
  computed: {
    most() {
      return Math.max(1, ...this.bars.map((one) => one.calls));
    },
    shown() {
      const step = WIDTH / this.bars.length;
      return this.bars.map((one, place) => ({
        ...one,
        x: place * step + step * 0.12,
        width: step * 0.76,
        height: (one.calls / this.most) * HEIGHT,
        refusedHeight: (one.refused / this.most) * HEIGHT,
      }));
    },
  },
  methods: {
    title(one) {
      return this.format.text("at_minute", { ...one, time: this.format.minute(one.minute) });
    },
  },
  setup: () => ({ WIDTH, HEIGHT }),
  template: `
    <svg class="ov-bars" :viewBox="'0 0 ' + WIDTH + ' ' + HEIGHT" preserveAspectRatio="none" role="img" :aria-label="label">
      <line x1="0" :x2="WIDTH" :y1="HEIGHT - 0.5" :y2="HEIGHT - 0.5" class="ov-axis" />
      <g v-for="one in shown" :key="one.minute">
        <title>{{ title(one) }}</title>
        <rect :x="one.x" :width="one.width" y="0" :height="HEIGHT" fill="transparent" />
        <rect class="ov-answered" :x="one.x" :width="one.width" :y="HEIGHT - one.height" :height="one.height" />
        <rect class="ov-refused" :x="one.x" :width="one.width" :y="HEIGHT - one.refusedHeight" :height="one.refusedHeight" />
      </g>
    </svg>`,
};

export const BillLine = {
  props: { points: Array, label: String },
  computed: {
    path() {
      const least = Math.min(...this.points);
      const span = Math.max(...this.points) - least || 1;
      const step = WIDTH / Math.max(1, this.points.length - 1);
      const place = (point, index) => `${(index * step).toFixed(1)},${(HEIGHT - 4 - ((point - least) / span) * (HEIGHT - 8)).toFixed(1)}`;
      return this.points.map(place).join(" ");
    },
  },
  setup: () => ({ WIDTH, HEIGHT }),
  template: `
    <svg class="ov-line" :viewBox="'0 0 ' + WIDTH + ' ' + HEIGHT" preserveAspectRatio="none" role="img" :aria-label="label">
      <polyline :points="path" vector-effect="non-scaling-stroke" />
    </svg>`,
};
