// Before the app: theme without a flash, and a plain message where the browser is too old.
(function () {
  "use strict";
  var root = document.documentElement;
  var chosen = null;
  try { chosen = localStorage.getItem("halimede.theme"); } catch (_) { /* storage is off */ }
  var dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "dark" : "light";
  // The engine starts while the page's own code still loads. A worker loaded by address would not
  // be under the page's content security policy; one that starts from a blob is, and it imports its
  // script, which is named by its content so that page and engine are always of one build.
  var base = location.href.split(/[?#]/)[0].replace(/[^/]*$/, "");
  var name = document.querySelector("meta[name=halimede-engine]").content;
  window.halimedeStartEngine = function () {
    var script = "self.halimedeBase=" + JSON.stringify(base) + ";importScripts(" + JSON.stringify(base + name + ".js") +
      ");wasm_bindgen(" + JSON.stringify(base + name + "_bg.wasm") + ");";
    var engine = { worker: new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" }))), early: [] };
    // What it says before the page listens is kept.
    engine.worker.onmessage = function (event) { engine.early.push(event.data); };
    return engine;
  };
  // The smallest module with a SIMD instruction.
  var simd = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(simd)) {
    addEventListener("DOMContentLoaded", function () {
      document.body.textContent = "This browser is too old for Halimede: it lacks WebAssembly SIMD. Chrome 91, Firefox 89, Safari 16.4 and later have it.";
    });
    return;
  }
  window.halimedeEngine = window.halimedeStartEngine();
})();
