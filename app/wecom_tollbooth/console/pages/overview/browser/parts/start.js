// How to get started: base URL, corpid and secret, the first call in each language.

import { computed, nextTick, ref } from "vue";

export default {
  props: { corpid: String, baseUrl: String, app: Object, snippets: Array, presenter: Boolean, format: Object },
  setup(props) {
    const t = (name, values) => props.format.text(name, values);
    const known = new URLSearchParams(location.search).get("sdk");
    const chosen = ref(props.snippets.some((one) => one.id === known) ? known : props.snippets[0].id);
    const copied = ref("");
    const snippet = computed(() => props.snippets.find((one) => one.id === chosen.value));
    const values = computed(() => ({
      base: props.baseUrl,
      corpid: props.corpid,
      secret: props.app.secret,
      agentid: props.app.agentid,
      token: props.app.callback_token,
      encoding_aes_key: props.app.encoding_aes_key,
    }));
    const code = computed(() => snippet.value.code.replace(/\{([a-z_]+)\}/g, (whole, name) => values.value[name] ?? whole));
    const facts = computed(() => [
      { name: t("base_url"), value: props.baseUrl },
      { name: "corpid", value: props.corpid },
      { name: t("secret"), value: props.app.secret, hidden: props.presenter },
    ]);

    async function copy(name, value) {
      await navigator.clipboard.writeText(value).catch(() => copyOldWay(value));
      copied.value = name;
      setTimeout(() => { if (copied.value === name) copied.value = ""; }, 2000);
    }
    // Without https, elsewhere than on this machine, browsers have no clipboard.
    function copyOldWay(value) {
      const field = Object.assign(document.createElement("textarea"), { value });
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    function choose(id) {
      chosen.value = id;
      const address = new URL(location.href);
      address.searchParams.set("sdk", id);
      history.replaceState(history.state, "", address);
    }
    function move(event) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      const ids = props.snippets.map((one) => one.id);
      choose(ids[(ids.indexOf(chosen.value) + by + ids.length) % ids.length]);
      nextTick(() => document.getElementById(`ov-tab-${chosen.value}`).focus());
    }
    return { choose, chosen, code, copied, copy, facts, move, snippet, t };
  },
  template: `
    <div class="ov-start">
      <dl class="ov-facts">
        <div v-for="fact in facts" :key="fact.name">
          <dt>{{ fact.name }}</dt>
          <dd><code>{{ fact.value }}</code>
            <button v-if="!fact.hidden" type="button" class="ov-copy" :aria-label="t('copy_what', { what: fact.name })"
                    @click="copy(fact.name, fact.value)">{{ copied === fact.name ? t('copied') : t('copy') }}</button></dd>
        </div>
      </dl>
      <p v-if="presenter" class="faint">{{ t('hidden') }}</p>
      <div class="ov-tabs" role="tablist" :aria-label="t('languages')" @keydown="move">
        <button v-for="one in snippets" :key="one.id" type="button" role="tab" :id="'ov-tab-' + one.id"
                :aria-selected="one.id === chosen" aria-controls="ov-code" :tabindex="one.id === chosen ? 0 : -1"
                @click="choose(one.id)">{{ one.name }}</button>
      </div>
      <div id="ov-code" role="tabpanel" :aria-labelledby="'ov-tab-' + chosen" class="ov-code">
        <button type="button" class="ov-copy" @click="copy(chosen, code)" :aria-label="t('copy_what', { what: t('code') })">
          {{ copied === chosen ? t('copied') : t('copy') }}</button>
        <pre tabindex="0"><code>{{ code }}</code></pre>
      </div>
      <p class="faint">{{ snippet.about }}</p>
    </div>`,
};
