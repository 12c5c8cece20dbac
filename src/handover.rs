//! Bytes taken over from JavaScript. Its own copy goes at once: a collector that sees a small heap
//! would leave hundreds of megabytes of buffers standing for minutes.

use js_sys::{Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// Copies the bytes and gives their buffer back to the browser. The view is empty afterwards.
pub fn take(view: &Uint8Array) -> Vec<u8> {
    let bytes = view.to_vec();
    release(view);
    bytes
}

/// Frees the buffer of a view that has it to itself. Older browsers lack the call and collect later.
pub fn release(view: &Uint8Array) {
    let buffer = view.buffer();
    if view.byte_length() != buffer.byte_length() {
        return;
    }
    if let Ok(transfer) = Reflect::get(&buffer, &"transfer".into())
        && let Ok(transfer) = transfer.dyn_into::<Function>()
    {
        // What the call gives back is empty and goes by itself; a refusal leaves all as it was.
        let _ = transfer.call1(&buffer, &JsValue::from(0));
    }
}
