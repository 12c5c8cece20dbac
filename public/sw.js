// The offline shell. Serves the files of one build, all from one cache, at any path. Answers of
// servers never pass through here: only the listed files of this folder do.
"use strict";

const VERSION = "{{version}}";
const FILES = [/* files */];
const LAZY = [/* lazy */];

// Two copies of the app on one origin share its caches, so the folder is part of the name.
const SCOPE = new URL("./", location.href).href;
const PREFIX = "halimede " + SCOPE + " ";
const CACHE = PREFIX + VERSION;

const listed = new Set(FILES.map((it) => new URL(it, SCOPE).href));
const lazy = new Set(LAZY.map((it) => new URL(it, SCOPE).href));

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) =>
    cache.addAll(FILES.map((it) => new Request(new URL(it, SCOPE), { cache: "reload" })))));
});

addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
    }
    // So that the first visit is safe offline already.
    await clients.claim();
  })());
});

// A new version waits until the person asks for it; only then does it take the open pages over.
addEventListener("message", (event) => {
  if (event.data === "take over") skipWaiting();
});

addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const url = new URL(event.request.url);
  url.hash = "";
  url.search = "";
  const key = url.href === SCOPE ? SCOPE + "index.html" : url.href;
  if (listed.has(key)) {
    event.respondWith(caches.open(CACHE).then((cache) => cache.match(key)).then((hit) => hit || fetch(event.request)));
  } else if (lazy.has(key)) {
    event.respondWith((async () => {
      const cache = await caches.open(CACHE);
      const hit = await cache.match(key);
      if (hit) return hit;
      const answer = await fetch(event.request);
      if (answer.ok) await cache.put(key, answer.clone());
      return answer;
    })());
  }
});
