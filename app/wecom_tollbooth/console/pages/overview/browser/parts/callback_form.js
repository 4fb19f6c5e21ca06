// Where an app receives callbacks; saving verifies the address as WeCom does.

import { reactive, watch } from "vue";

export default {
  props: { corpid: String, app: Object, canWrite: Boolean, presenter: Boolean, format: Object },
  setup(props) {
    const t = (name, values) => props.format.text(name, values);
    const form = reactive({ url: "", token: "", key: "" });
    const state = reactive({ busy: false, said: "", isBad: false, health: null });

    async function look() {
      const agentid = props.app.agentid;
      try {
        const health = await tollbooth.control(props.corpid, "GET", `/apps/${agentid}/callback`);
        if (agentid === props.app.agentid) state.health = health;
      } catch {
        state.health = null; // an app of a kind that gets no callbacks
      }
    }
    watch(() => props.app.agentid, () => {
      Object.assign(form, {
        url: props.app.callback_url,
        token: props.presenter ? "" : props.app.callback_token,
        key: props.presenter ? "" : props.app.encoding_aes_key,
      });
      Object.assign(state, { said: "", isBad: false, health: null });
      look();
    }, { immediate: true });

    async function save() {
      Object.assign(state, { busy: true, said: t("saving"), isBad: false });
      const body = { url: form.url.trim() };
      if (form.token.trim()) body.token = form.token.trim();
      if (form.key.trim()) body.encoding_aes_key = form.key.trim();
      try {
        const saved = await tollbooth.control(props.corpid, "PUT", `/apps/${props.app.agentid}/callback`, body);
        Object.assign(props.app, { callback_url: saved.url });
        if (!props.presenter) Object.assign(props.app, { callback_token: saved.token, encoding_aes_key: saved.encoding_aes_key });
        state.said = t(saved.url ? "verified" : "kept_only");
      } catch (error) {
        state.isBad = true;
        state.said = t("refused_address", { reason: error.message });
      }
      state.busy = false;
      look();
    }
    return { form, save, state, t };
  },
  template: `
    <form class="ov-form" @submit.prevent="save">
      <p class="faint">{{ t('callback_about') }}</p>
      <label>{{ t('url') }}
        <input v-model="form.url" type="url" inputmode="url" placeholder="http://127.0.0.1:9000/callback" :disabled="!canWrite">
        <small class="faint">{{ t('url_hint') }}</small></label>
      <label>Token
        <input v-model="form.token" autocomplete="off" spellcheck="false" :placeholder="t('stays')" :disabled="!canWrite"></label>
      <label>EncodingAESKey
        <input v-model="form.key" autocomplete="off" spellcheck="false" :placeholder="t('stays')" :disabled="!canWrite"></label>
      <div class="ov-row">
        <button type="submit" class="ov-primary" :disabled="!canWrite || state.busy">{{ t('save') }}</button>
        <span v-if="state.health" class="chip" :class="{ good: state.health.status === 'idle', bad: ['failing', 'paused'].includes(state.health.status) }">
          {{ t('status_' + state.health.status) }}</span>
        <span v-if="!canWrite" class="faint">{{ t('read_only') }}</span>
      </div>
      <p role="status" :class="state.isBad ? 'bad' : 'good'" class="ov-said">{{ state.said }}</p>
    </form>`,
};
