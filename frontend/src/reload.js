// A page that waits for a job: it loads again when the job has ended.

import { loadAnew } from "./page/leaving.js";

for (const element of document.querySelectorAll("[data-reload-when-done]")) {
  const source = new EventSource(element.dataset.reloadWhenDone);
  source.addEventListener("state", (event) => {
    if (["succeeded", "failed", "cancelled"].includes(JSON.parse(event.data).payload.state)) {
      source.close();
      loadAnew();
    }
  });
}
