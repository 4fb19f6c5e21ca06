// How the toll writes numbers, and its addresses.

// "1,234.50" for "1234.50": no digit changes, however many there are.
export function grouped(number) {
  const [whole, places] = String(number).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (places === undefined ? "" : `.${places}`);
}

// What percentage of a budget is spent, to one place, rounded down so that 100 is reached and not foreseen.
export function percent(spent, budget) {
  return Math.floor((Number(spent) / (Number(budget.amount) + Number(budget.paid))) * 1000) / 10;
}

export function tollAddress(corpid, path) {
  return `${window.tollbooth.prefix}/corps/${encodeURIComponent(corpid)}/toll${path}`;
}
