//! What the frame's first script calls.

use alloc::string::String;
use core::panic::PanicInfo;

use dlmalloc::GlobalDlmalloc;
use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessagePort;
use zeroizing_alloc::ZeroAlloc;

use crate::{
    bridge::port::Port,
    frame::app::{Mount, run},
};

/// Every buffer is wiped when it is freed, those too that are not ours: the glue's copies of what an
/// input holds, the sealing library's, a string that grew.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<GlobalDlmalloc> = ZeroAlloc(GlobalDlmalloc);

/// Stops the module. Its state is lost, and the first script tells the page so.
///
/// The message goes nowhere, so that the code which would format it, and everything that only it
/// refers to, is not part of what a customer loads.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Starts the frame for the page that said hello.
///
/// `origin` is the page's as the browser gave it, `nonce` the page's own, `session` the id in the
/// document's URL, `build` the name of this module's build; `collect` and `collected` are what collects
/// signals.
#[allow(clippy::too_many_arguments, reason = "each an object would be larger")]
#[wasm_bindgen]
pub fn start(
    port: MessagePort,
    origin: String,
    nonce: String,
    session: String,
    client_token: String,
    build: String,
    collect: Function,
    collected: Function,
) {
    let mount = Mount {
        origin,
        session,
        build,
        collect,
        collected,
    };
    spawn_local(run(mount, Port::new(port, nonce), client_token));
}
