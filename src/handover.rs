//! Bytes taken over from JavaScript. Its own copy goes at once: a collector that sees a small heap
//! would leave hundreds of megabytes of buffers standing for minutes. Buffers of pictures go back and
//! forth between page and engine.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Function, Reflect, Uint8Array};
use send_wrapper::SendWrapper;
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
    if let Ok(transfer) = TRANSFER.with(|name| Reflect::get(&buffer, name))
        && let Ok(transfer) = transfer.dyn_into::<Function>()
    {
        // What the call gives back is empty and goes by itself; a refusal leaves all as it was.
        let _ = transfer.call1(&buffer, &JsValue::from(0));
    }
}

thread_local! {
    static TRANSFER: JsValue = "transfer".into();
    static SPARE: RefCell<Vec<ArrayBuffer>> = const { RefCell::new(Vec::new()) };
}

/// Beyond this they are left to the collector.
const MOST_SPARE: usize = 8;

/// A buffer that nobody uses any more.
pub fn spare(buffer: ArrayBuffer) {
    SPARE.with_borrow_mut(|all| {
        if all.len() >= MOST_SPARE {
            all.remove(0);
        }
        all.push(buffer);
    });
}

/// All of them, to be sent where they are needed.
pub fn take_spare() -> Vec<ArrayBuffer> {
    SPARE.take()
}

/// A spare buffer of this size, or a new one. It holds whatever it held.
pub fn some_spare(n_bytes: usize) -> Uint8Array {
    let wanted = u32::try_from(n_bytes).unwrap_or(u32::MAX);
    let found = SPARE.with_borrow_mut(|all| {
        let at = all.iter().position(|it| it.byte_length() == wanted)?;
        Some(all.swap_remove(at))
    });
    found.map_or_else(|| Uint8Array::new_with_length(wanted), |it| Uint8Array::new(&it))
}

/// A picture's bytes in a browser's buffer, which goes back when the last of its users has gone. The
/// same only if it is the very same.
#[derive(Clone)]
pub struct Pixels(SendWrapper<Rc<Uint8Array>>);

impl Pixels {
    pub fn new(bytes: JsValue) -> Self {
        Self(SendWrapper::new(Rc::new(bytes.unchecked_into())))
    }

    pub fn buffer(&self) -> ArrayBuffer {
        self.0.buffer()
    }
}

impl Drop for Pixels {
    fn drop(&mut self) {
        if Rc::strong_count(&self.0) == 1 {
            spare(self.0.buffer());
        }
    }
}

impl PartialEq for Pixels {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
