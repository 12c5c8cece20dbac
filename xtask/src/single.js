// The start of a snapshot that is one file: unpacks the app and the snapshot that stand in this page, and
// starts page and engine from them. It asks nothing of any server.
(function () {
  "use strict";
  var root = document.documentElement;
  var chosen = null;
  try { chosen = localStorage.getItem("halimede.theme"); } catch (_) { /* storage is off */ }
  root.dataset.theme = (chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches) ? "dark" : "light";
  // Fifteen bits a letter, as engine/single.rs writes them.
  function bytes(node) {
    var text = node.textContent, out = new Uint8Array(+node.dataset.length);
    var held = 0, n = 0, to = 0;
    for (var at = 0; at < text.length; at++) {
      held = (held & 255) << 15 | (text.charCodeAt(at) - 0x3400);
      for (n += 15; n >= 8;) { n -= 8; out[to++] = held >> n; }
    }
    node.remove();
    return out;
  }
  function unpacked(packed) {
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  }
  function say(text) { document.body.textContent = text; }
  if (typeof DecompressionStream !== "function" || typeof WebAssembly !== "object") {
    return say("This browser is too old to open this file: Chrome 91, Firefox 114, Safari 16.4 and later can.");
  }
  // It says what it is in: this page is UTF-16.
  function script(text) { return URL.createObjectURL(new Blob([text], { type: "text/javascript;charset=utf-8" })); }
  var node = document.getElementById("app");
  var ends = node.dataset.parts.split(" ").map(Number);
  var snapshot = bytes(document.getElementById("snapshot"));
  // The style, the code around the app, the app.
  var parts = unpacked(bytes(node)).then(function (all) {
    var text = function (from, to) { return new TextDecoder().decode(new Uint8Array(all, from, to - from)); };
    var code = ends[0] + ends[1];
    var style = document.createElement("style");
    style.textContent = text(0, ends[0]);
    document.head.appendChild(style);
    return { code: text(ends[0], code), wasm: all.slice(code) };
  });
  window.halimedeSingle = true;
  parts.then(function (it) {
    window.halimedeStartEngine = function () {
      // The same code again, so that the worker has nothing to load.
      var worker = new Worker(script(it.code + "self.halimedeBase='single:';addEventListener('message',function(event){" +
        "self.halimedeSnapshot=event.data[1];halimedeInit({module_or_path:event.data[0]})},{once:true});"));
      var engine = { worker: worker, early: [] };
      worker.onmessage = function (event) { engine.early.push(event.data); };
      // Of a page without an origin no compiled module is handed over, only its bytes.
      worker.postMessage([it.wasm, snapshot]);
      return engine;
    };
    window.halimedeEngine = window.halimedeStartEngine();
    var code = document.createElement("script");
    code.src = script(it.code);
    code.onload = function () { self.halimedeInit({ module_or_path: it.wasm }).catch(failed); };
    document.body.appendChild(code);
  }).catch(failed);
  function failed(error) { say("This file could not be opened: " + error.message); }
})();
