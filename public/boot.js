// Before the app: the theme without a flash, a plain message where the browser is too old, and the
// start of page and engine from one compiled file.
(function () {
  "use strict";
  var root = document.documentElement;
  var chosen = null;
  try { chosen = localStorage.getItem("halimede.theme"); } catch (_) { /* storage is off */ }
  // Where the system sets the colours, charts go with them.
  if (matchMedia("(forced-colors: active)").matches) chosen = null;
  var dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "dark" : "light";
  function say(text) {
    function write() { document.body.textContent = text; }
    if (document.body) write(); else addEventListener("DOMContentLoaded", write);
  }
  // The smallest module with a SIMD instruction.
  var simd = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(simd)) {
    say("This browser is too old for Halimede: it lacks WebAssembly SIMD. Chrome 91, Firefox 114, Safari 16.4 and later have it.");
    return;
  }
  var base = location.href.split(/[?#]/)[0].replace(/[^/]*$/, "");
  var app = base + document.querySelector("meta[name=halimede-app]").content;
  var compiled = fetch(app + "_bg.wasm").then(function (answer) {
    if (!answer.ok) throw new Error("the app's file answered " + answer.status);
    // A plain server may not know the type that compiling while loading asks for.
    return WebAssembly.compileStreaming(answer.clone()).catch(function () {
      return answer.arrayBuffer().then(function (bytes) { return WebAssembly.compile(bytes); });
    });
  });
  // A worker loaded by address would not be under the page's content security policy; one that starts
  // from a blob is.
  window.halimedeStartEngine = function () {
    var script = "import init from " + JSON.stringify(app + ".js") + ";self.halimedeBase=" + JSON.stringify(base) +
      ";addEventListener('message',function(event){init({module_or_path:event.data})},{once:true});";
    var worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })), { type: "module" });
    var engine = { worker: worker, early: [] };
    // What it says before the page listens is kept.
    worker.onmessage = function (event) { engine.early.push(event.data); };
    compiled.then(function (module) { worker.postMessage(module); });
    return engine;
  };
  window.halimedeEngine = window.halimedeStartEngine();
  Promise.all([import(app + ".js"), compiled]).then(function (parts) {
    return parts[0].default({ module_or_path: parts[1] });
  }).catch(function (error) {
    say("Halimede could not start: " + error.message + ". Reload the page; if it stays, the files on this server are not complete.");
  });
})();
