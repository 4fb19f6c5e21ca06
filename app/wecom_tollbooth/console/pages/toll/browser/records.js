// The ledger records behind a line of the bill, oldest first, a page at a time.
import { tollAddress } from "tollbooth-toll/numbers.js";

const PAGE = 50;

export default {
  props: { corpid: String, month: String, meter: String, operation: String, lang: String, texts: Object },
  template: `
    <div class="toll">
      <div class="table-box" v-if="records.length">
        <table class="rows toll-lines toll-records">
          <thead><tr><th>{{ texts.record }}</th><th>{{ texts.at }}</th><th>{{ texts.operation }}</th><th class="number">{{ texts.app }}</th><th class="number">errcode</th><th class="number">{{ texts.quantity }}</th></tr></thead>
          <tbody>
            <tr v-for="one in records" :key="one.id">
              <td><a class="mono" :href="address(one)">{{ one.id }}</a></td>
              <td :data-label="texts.at" class="number toll-left">{{ when(one.at) }}</td>
              <td :data-label="texts.operation" class="mono toll-any">{{ one.operation }}<span v-if="one.subject" class="faint"> {{ one.subject }}</span></td>
              <td class="number" :data-label="texts.app">{{ one.agentid || "" }}</td>
              <td class="number" data-label="errcode">{{ one.errcode }}</td>
              <td class="number toll-amount">{{ one.quantity }}</td>
            </tr>
          </tbody>
        </table>
      </div>
      <div v-if="error" class="state state-error toll-state" role="alert"><span class="state-title">{{ texts.failed }}</span><span>{{ error }}</span></div>
      <div v-else-if="loading" class="state toll-state" role="status">{{ texts.loading }}</div>
      <div v-else-if="!records.length" class="state toll-state">{{ texts.no_records }}</div>
      <button v-if="cursor && !loading" type="button" class="choice toll-more" @click="look">{{ texts.more }}</button>
      <p v-if="records.length" class="faint">{{ (cursor ? texts.so_many : texts.all_of_them).replace("{count}", records.length.toLocaleString("en")) }}</p>
    </div>`,
  data: () => ({ records: [], cursor: "", loading: true, error: "" }),
  mounted() { this.look(); },
  methods: {
    async look() {
      this.loading = true;
      this.error = "";
      const { month, meter, operation, cursor } = this;
      try {
        const asked = window.tollbooth.query({ month, meter, operation, cursor, limit: PAGE });
        const reply = await window.tollbooth.control(this.corpid, "GET", `/ledger${asked}`);
        this.records.push(...reply.records);
        this.cursor = reply.next_cursor;
      } catch (problem) {
        this.error = problem.message;
      }
      this.loading = false;
    },
    address(one) { return tollAddress(this.corpid, `/records/${one.id}`); },
    when(at) { return new Date(at * 1000).toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }); },
  },
};
