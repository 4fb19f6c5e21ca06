(corpid) => {
  // Asks for the first cards while the browser still loads what shows them.
  const userid = new URLSearchParams(location.search).get("userid") || "";
  const start = performance.now();
  const place = tollbooth.control(corpid, "GET", "/follow_ups");
  const asked = { limit: 50, ...(userid && { userid }) };
  const board = place
    .then(() => tollbooth.call(corpid, "externalcontact/follow_up/board", asked))
    .then((reply) => ({ reply, milliseconds: performance.now() - start }));
  board.catch(() => {}); // whoever takes it looks at it
  window.tollboothBoard = { userid, place, board };
}
