// Every operation by its path and aliases, asked for once.
let asked;

export function operations() {
  asked ??= tollbooth.sim("GET", "/operations").then(({ operations: all }) => {
    const found = new Map();
    for (const one of all) for (const path of [one.path, ...one.aliases]) found.set(path, one);
    return { all, of: (path) => found.get(path) };
  });
  asked.catch(() => { asked = undefined; });
  return asked;
}

export const short = (path) => path.replace(/^\/cgi-bin\//, "");
