// The columns of a board as plain data: which cards are loaded, in which order. Nothing here asks the server.

import { shallowReactive } from "vue";

export const PAGE = 50;

// `cards` is replaced by every change, never written into, so Vue looks at one reference for a column.
export function columnOf(stage, before) {
  const column = before || shallowReactive({
    id: stage.stage_id,
    ways: [], // ids of the stages that a card may move to from here; empty: all
    loading: false,
  });
  return Object.assign(column, shownOf(stage), { cards: stage.cards, cursor: stage.next_cursor || "" });
}

function shownOf({ name, color, kind, count, amount }) {
  return { name, color: color || "#8c8c8c", kind, count, amount, error: "" };
}

export function allows(column, target) {
  return column.id === target.id || !column.ways.length || column.ways.includes(target.id);
}

export function find(columns, id) {
  for (const column of columns) {
    const index = column.cards.findIndex((card) => card.follow_up_id === id);
    if (index >= 0) return { column, index, card: column.cards[index] };
  }
  return null;
}

export function replace(column, index, card) {
  column.cards = column.cards.with(index, card);
}

export function take(column, index) {
  const card = column.cards[index];
  column.cards = column.cards.toSpliced(index, 1);
  column.count -= 1;
  column.amount -= card.amount;
  return card;
}

export function put(column, index, card) {
  column.cards = column.cards.toSpliced(index, 0, card);
  column.count += 1;
  column.amount += card.amount;
}

// Appends the next page, without cards that came in the meantime by a move.
export function append(column, stage) {
  const known = new Set(column.cards.map((card) => card.follow_up_id));
  column.cards = column.cards.concat(stage.cards.filter((card) => !known.has(card.follow_up_id)));
  column.cursor = stage.next_cursor || "";
  column.count = stage.count;
  column.amount = stage.amount;
}

// Takes the first page as the server has it now. What was loaded behind it stays, but for the cards in `gone`.
export function refresh(column, stage, gone) {
  const first = new Set(stage.cards.map((card) => card.follow_up_id));
  const behind = column.cards.length > PAGE && stage.next_cursor;
  const rest = behind
    ? column.cards.filter((card) => !first.has(card.follow_up_id) && !gone.has(card.follow_up_id))
    : [];
  Object.assign(column, shownOf(stage), { cards: stage.cards.concat(rest) });
  if (!rest.length) column.cursor = stage.next_cursor || "";
}
