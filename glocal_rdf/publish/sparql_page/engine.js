// The page's side of the worker: starts it, sends it requests one by one, and ends it where a query is to stop.

export class Engine {
  #root;
  #config;
  #worker = null;
  #waiting = new Map();
  #next = 0;
  #report;

  // `report` gets { progress } while the data come, and { parsing } while they are read.
  constructor(root, config, report) {
    this.#root = root;
    this.#config = config;
    this.#report = report;
  }

  // Start a worker and load the data; what it loaded is in the browser's cache the next time.
  start() {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.#worker = worker;
    worker.addEventListener("message", ({ data }) => {
      if (data.id === undefined) return this.#report(data);
      const { resolve, reject } = this.#waiting.get(data.id) ?? {};
      this.#waiting.delete(data.id);
      if (data.error === undefined) return resolve?.(data.value);
      return reject?.(Object.assign(new Error(data.error), { memory: data.memory }));
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#end(new Error(event.message || "worker"));
    });
    return this.call("load", { root: this.#root, described: this.#config });
  }

  // End the worker, and everything that waits for it.
  stop() {
    this.#worker?.terminate();
    this.#end(Object.assign(new Error("stopped"), { stopped: true }));
  }

  #end(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  call(type, values = {}) {
    const id = (this.#next += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, type, values });
    });
  }
}
