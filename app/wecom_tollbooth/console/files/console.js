// What the console's components share: `tollbooth.control(...)` and `tollbooth.call(...)`.
(() => {
  const prefix = document.currentScript.dataset.prefix;

  async function request(method, path, body) {
    const headers = { "X-Tollbooth-Console": "1" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await fetch(prefix + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    if (answer.status === 401) {
      location.reload(); // the login is over
      return new Promise(() => {});
    }
    const reply = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(reply.error ?? `HTTP ${answer.status}`), { status: answer.status });
    return reply;
  }

  const query = (values) => {
    const given = Object.entries(values ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
    return given.length ? `?${new URLSearchParams(given)}` : "";
  };

  window.tollbooth = {
    prefix,
    query,
    // The control API of a corp: control(corpid, "GET", "/calls?limit=50"). Throws its sentence.
    control: (corpid, method, path, body) => request(method, `/api/_sim/corps/${encodeURIComponent(corpid)}${path}`, body),
    // The control API of the server: sim("GET", "/events").
    sim: (method, path, body) => request(method, `/api/_sim${path}`, body),
    // A call of WeCom's API by an app of the corp; the errcode is in the reply.
    call: (corpid, operation, body, agentid) =>
      request("POST", `/api/corps/${encodeURIComponent(corpid)}/cgi-bin/${operation}${query({ _agentid: agentid })}`, body),
    // Repeats `look` while the page is visible, `milliseconds` after the last time ended; returns what stops it.
    watch(look, milliseconds) {
      let timer, over = false;
      const again = async () => {
        if (!document.hidden) await look();
        if (!over) timer = setTimeout(again, milliseconds);
      };
      again();
      return () => { over = true; clearTimeout(timer); };
    },
  };
})();
