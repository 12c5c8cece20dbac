// The start of a snapshot that is one file: unpacks the app and the snapshot that stand in this page, and
// starts page and engine from them. It asks nothing of any server.
(function () {
  "use strict";
  var root = document.documentElement;
  var chosen = null;
  try { chosen = localStorage.getItem("halimede.theme"); } catch (_) { /* storage is off */ }
  root.dataset.theme = (chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches) ? "dark" : "light";
  // Five letters are four bytes: base 85 with letters that HTML leaves alone, as engine/single.rs writes it.
  var LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?,;_()[]{}@%$#";
  var values = new Uint8Array(128);
  for (var i = 0; i < 85; i++) values[LETTERS.charCodeAt(i)] = i;
  function bytes(id) {
    var node = document.getElementById(id);
    var text = node.textContent, length = +node.dataset.length;
    var out = new Uint8Array(Math.ceil(text.length / 5) * 4);
    for (var at = 0, to = 0; at + 4 < text.length; at += 5, to += 4) {
      var word = 0;
      for (var k = 0; k < 5; k++) word = word * 85 + values[text.charCodeAt(at + k)];
      out[to] = word >>> 24; out[to + 1] = word >>> 16; out[to + 2] = word >>> 8; out[to + 3] = word;
    }
    node.remove();
    return out.subarray(0, length);
  }
  function unpacked(packed) {
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  }
  function say(text) { document.body.textContent = text; }
  if (typeof DecompressionStream !== "function" || typeof WebAssembly !== "object") {
    return say("This browser is too old to open this file: Chrome 91, Firefox 114, Safari 16.4 and later can.");
  }
  var glue = document.getElementById("glue").textContent;
  function script(text) { return URL.createObjectURL(new Blob([text], { type: "text/javascript" })); }
  var snapshot = bytes("snapshot");
  var wasm = unpacked(bytes("app"));
  window.halimedeSingle = true;
  window.halimedeStartEngine = function () {
    // The same code again, so that the worker has nothing to load.
    var worker = new Worker(script(glue + "self.halimedeBase='single:';addEventListener('message',function(event){" +
      "self.halimedeSnapshot=event.data[1];halimedeInit({module_or_path:event.data[0]})},{once:true});"));
    var engine = { worker: worker, early: [] };
    worker.onmessage = function (event) { engine.early.push(event.data); };
    // Of a page without an origin no compiled module is handed over, only its bytes.
    wasm.then(function (it) { worker.postMessage([it, snapshot]); });
    return engine;
  };
  window.halimedeEngine = window.halimedeStartEngine();
  var code = document.createElement("script");
  code.src = script(glue);
  code.onload = function () {
    wasm.then(function (it) { return self.halimedeInit({ module_or_path: it }); })
      .catch(function (error) { say("This file could not be opened: " + error.message); });
  };
  document.body.appendChild(code);
})();
