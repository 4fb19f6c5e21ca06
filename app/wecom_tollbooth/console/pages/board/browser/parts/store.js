// What the board knows and does. Cards move at once; a refusal puts them back.

import { shallowReactive } from "vue";
import { CallError } from "./api.js";
import * as columns from "./columns.js";

const POLL_MS = 2000;
const CHANGES_AT_ONCE = 1000;
const PAGES_OF_CHANGES = 3; // with more changes than this, everything is read again
const FILLED_AT_ONCE = 5000;
const PATCHED_AT_ONCE = 20;
const CLOSED_KINDS = ["won", "lost"];

export class Store {
  constructor(api, format, { userid = "" } = {}) {
    this.api = api;
    this.format = format;
    this.columns = shallowReactive([]);
    this.state = shallowReactive({
      phase: "loading", // loading, ready, error
      error: "",
      userid,
      now: 0,
      records: 0,
      members: [],
      latency: undefined, // the profile in force; null: none
      took: {}, // the last time of each operation, in milliseconds
      pending: new Set(), // ids of cards whose change waits for its answer
      drag: null, // the card that is dragged: { id, from }
      drop: null, // where it would land: { stage, index }
      notice: null, // { text, kind }
      touched: { ids: null }, // the ids of the records that changed last; null: any
      filling: false,
    });
    this.waiting = new Map(); // id → promise of its last change
    this.moves = 0;
    this.marker = null; // how far changes have been read
    this.timer = 0;
    this.stopped = false;
    this.onVisible = () => document.hidden || this.#poll();
  }

  // --- reading ---

  async start() {
    document.addEventListener("visibilitychange", this.onVisible);
    const board = this.load();
    this.#quietly(this.readLatency());
    this.#quietly(this.readMembers());
    await board;
    this.#schedule();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  async load() {
    const { state } = this;
    if (!this.columns.length) state.phase = "loading";
    try {
      const marker = { cursor: "" };
      this.#quietly(this.#readMarker(marker));
      const [place, board] = (await this.api.early(state.userid)) || (await this.#placeAndBoard());
      Object.assign(marker, place);
      this.#noteState(place);
      this.marker = marker;
      // A column of the same stage stays the same object, for the component that shows it.
      const before = new Map(this.columns.map((column) => [column.id, column]));
      const made = board.stages.map((stage) => columns.columnOf(stage, before.get(stage.stage_id)));
      this.columns.splice(0, this.columns.length, ...made);
      this.#quietly(this.#readWays());
      state.phase = "ready";
      state.touched = { ids: null };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      state.error = this.sentence(error);
      if (!this.columns.length) state.phase = "error";
      else this.notify(state.error, "error");
    }
  }

  // The number of changes is read before the cards, so no change falls in between.
  async #placeAndBoard() {
    const place = await this.api.control("GET", "follow_ups");
    return [place, await this.#board()];
  }

  async #readWays() {
    const { stages } = await this.api.followUp("get_pipeline");
    for (const { stage_id, next_stage_ids } of stages) {
      const column = this.columns.find((one) => one.id === stage_id);
      if (column) column.ways = next_stage_ids;
    }
  }

  // The cursor may be that of a later change than `last_change`: #catchUp notices.
  async #readMarker(marker) {
    marker.cursor = (await this.api.followUp("changes", { from_now: true })).next_cursor;
  }

  #board(more = {}) {
    const { userid } = this.state;
    return this.api.followUp("board", { ...(userid && { userid }), limit: columns.PAGE, ...more });
  }

  async more(column) {
    if (column.loading || !column.cursor) return;
    column.loading = true;
    column.error = "";
    const { cursor } = column;
    try {
      const reply = await this.#board({ stage_id: column.id, cursor });
      if (column.cursor === cursor) columns.append(column, reply.stages[0]);
    } catch (error) {
      column.error = this.sentence(error);
    } finally {
      column.loading = false;
    }
  }

  async readLatency() {
    this.state.latency = (await this.api.control("GET", "latency")).profile;
  }

  async readMembers() {
    const reply = await this.api.call("user/simplelist?department_id=1&fetch_child=1");
    this.state.members = reply.userlist.map(({ userid, name }) => ({ userid, name }));
  }

  memberName(userid) {
    return this.state.members.find((member) => member.userid === userid)?.name || userid;
  }

  async choose(userid) {
    this.state.userid = userid;
    await this.load();
  }

  // --- changing ---

  // Moves a card to `index` among the loaded cards of `target`. Resolves to whether the server took it.
  async move(id, target, index) {
    const found = columns.find(this.columns, id);
    if (!found || !columns.allows(found.column, target)) return false;
    const { column, card } = found;
    const place = column === target && index > found.index ? index - 1 : index;
    if (column === target && place === found.index) return false;
    columns.take(column, found.index);
    const closes = CLOSED_KINDS.includes(target.kind);
    columns.put(target, place, closes ? { ...card, next_time: 0 } : card);
    const before = target.cards[place - 1]?.follow_up_id;
    return this.#change(id, [id, before], async () => {
      const now = columns.find(this.columns, id);
      const position = before ? { side: "after", follow_up_id: before } : { side: "top" };
      const reply = await this.api.followUp("move", {
        follow_up_id: id,
        stage_id: target.id,
        position,
        version: now ? now.card.version : card.version,
      });
      this.#newVersion(id, reply.version);
    }, () => this.#putBack(id, column, found.index, card));
  }

  async log(card, kind, text) {
    const known = this.state.members.some((member) => member.userid === card.userid);
    return this.#change(card.follow_up_id, [card.follow_up_id], async () => {
      const reply = await this.api.followUp("add_log", {
        follow_up_id: card.follow_up_id,
        kind,
        text,
        ...(known && { operator_userid: card.userid }),
      });
      this.#newVersion(card.follow_up_id, reply.version);
      this.notify(this.format.text("logged", { title: card.title }), "done");
    });
  }

  async schedule(card, nextTime) {
    return this.#change(card.follow_up_id, [card.follow_up_id], async () => {
      const body = { follow_up_id: card.follow_up_id, next_time: nextTime };
      const reply = await this.api.followUp("update", body);
      this.#newVersion(card.follow_up_id, reply.version, { next_time: nextTime });
    });
  }

  // Runs `work` once the last changes of the cards `after` are through. `undo` puts back what was shown already.
  async #change(id, after, work, undo = () => {}) {
    const { state } = this;
    this.moves += 1;
    const earlier = after.map((one) => this.waiting.get(one)).filter(Boolean);
    const done = (async () => {
      await Promise.all(earlier);
      try {
        await work();
        return true;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        undo();
        this.notify(this.sentence(error), "error");
        return false;
      }
    })();
    this.waiting.set(id, done);
    state.pending = new Set(state.pending).add(id);
    const taken = await done;
    if (this.waiting.get(id) === done) {
      this.waiting.delete(id);
      const pending = new Set(state.pending);
      pending.delete(id);
      state.pending = pending;
    }
    state.touched = { ids: new Set([id]) };
    if (!taken) await this.#quietly(this.#refresh([{ follow_up_id: id, kind: "updated" }]));
    return taken;
  }

  #newVersion(id, version, values = {}) {
    const found = columns.find(this.columns, id);
    if (found) columns.replace(found.column, found.index, { ...found.card, ...values, version });
  }

  #putBack(id, column, index, card) {
    const found = columns.find(this.columns, id);
    if (found) columns.take(found.column, found.index);
    columns.put(column, Math.min(index, column.cards.length), card);
  }

  async setLatency(on) {
    try {
      const profile = on ? "article-2025" : "none";
      this.state.latency = (await this.api.control("PUT", "latency", { profile })).profile;
    } catch (error) {
      this.notify(this.sentence(error), "error");
    }
  }

  // Adds customers with a record each, until there are `records`; in steps, so that each is answered in time.
  async fill(records) {
    if (this.state.filling) return;
    this.state.filling = true;
    try {
      let missing;
      while ((missing = records - this.state.records) > 0 && !this.stopped) {
        const step = Math.min(missing, FILLED_AT_ONCE);
        await this.api.control("POST", "seed", { customers: step, follow_ups: step });
        this.#noteState(await this.api.control("GET", "follow_ups"));
      }
      await this.load();
    } catch (error) {
      this.notify(this.sentence(error), "error");
    } finally {
      this.state.filling = false;
    }
  }

  // --- other people's changes ---

  #schedule() {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.#poll(), POLL_MS);
  }

  async #poll() {
    clearTimeout(this.timer);
    if (document.hidden || this.stopped || !this.marker || this.polling) return this.#schedule();
    this.polling = true;
    try {
      const place = await this.api.control("GET", "follow_ups");
      this.#noteState(place);
      const { generation, pipeline_version, last_change } = this.marker;
      const restored = place.generation !== generation || place.last_change < last_change;
      if (restored || place.pipeline_version !== pipeline_version) await this.load();
      else if (place.last_change > last_change) await this.#catchUp(place);
    } catch (error) {
      if (!(error instanceof CallError)) throw error; // the next poll tries again
    } finally {
      this.polling = false;
      this.#schedule();
    }
  }

  #noteState(place) {
    const minute = place.now - (place.now % 60);
    if (minute !== this.state.now) this.state.now = minute;
    if (place.records !== this.state.records) this.state.records = place.records;
  }

  async #catchUp(place) {
    const { marker } = this;
    const missed = place.last_change - marker.last_change;
    const changes = marker.cursor ? await this.#changes(marker) : null;
    if (this.marker !== marker) return; // everything was read again meanwhile
    if (changes === null) return this.load();
    marker.last_change = place.last_change;
    const { userid } = this.state;
    const others = changes.filter((change) => {
      if (userid && change.userid !== userid && change.kind !== "handed_over") return false;
      const found = columns.find(this.columns, change.follow_up_id);
      return !this.waiting.has(change.follow_up_id) && !(found && found.card.version >= change.version);
    });
    if (others.length || changes.length < missed) await this.#refresh(others);
  }

  // The changes since the marker, whose cursor moves on; null if there are too many.
  async #changes(marker) {
    const changes = [];
    for (let page = 0; page < PAGES_OF_CHANGES; page += 1) {
      const { cursor } = marker;
      const reply = await this.api.followUp("changes", { limit: CHANGES_AT_ONCE, cursor });
      marker.cursor = reply.next_cursor;
      changes.push(...reply.changes);
      if (!reply.has_more) return changes;
    }
    return null;
  }

  // Reads the first page of every column again, and the changed cards behind it one by one.
  async #refresh(changes) {
    let board, moves;
    do {
      await Promise.all(this.waiting.values());
      moves = this.moves;
      board = await this.#board();
    } while (moves !== this.moves); // cards moved meanwhile
    const gone = new Set();
    for (const { follow_up_id, kind, from_stage, to_stage } of changes) {
      if (["moved", "deleted", "handed_over"].includes(kind) || from_stage !== to_stage) gone.add(follow_up_id);
    }
    for (const stage of board.stages) {
      const column = this.columns.find((one) => one.id === stage.stage_id);
      if (column) columns.refresh(column, stage, gone);
    }
    const ids = new Set(changes.map((change) => change.follow_up_id));
    const behind = [...ids].filter((id) => {
      const found = columns.find(this.columns, id);
      return found && found.index >= columns.PAGE;
    });
    await Promise.all(behind.slice(0, PATCHED_AT_ONCE).map((id) => this.#quietly(this.#patch(id))));
    this.state.touched = { ids };
  }

  async #patch(id) {
    const { follow_up: record } = await this.api.followUp("get", { follow_up_id: id });
    const found = columns.find(this.columns, id);
    if (!found) return;
    const { title, priority, amount, next_time, version } = record;
    columns.replace(found.column, found.index, { ...found.card, title, priority, amount, next_time, version });
  }

  // --- telling ---

  notify(text, kind) {
    const notice = { text, kind };
    this.state.notice = notice;
    setTimeout(() => {
      if (this.state.notice === notice) this.state.notice = null;
    }, kind === "error" ? 8000 : 3000);
  }

  sentence(error) {
    if (!(error instanceof CallError)) throw error;
    if (!error.sentence && !error.errcode) return this.format.text("unreachable");
    const hint = this.format.texts[`errcode_${error.errcode}`];
    if (hint) return `${hint} (${error.errcode})`;
    return error.errcode ? `${error.errcode} ${error.sentence}` : error.sentence;
  }

  async #quietly(promise) {
    try {
      await promise;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
    }
  }
}
