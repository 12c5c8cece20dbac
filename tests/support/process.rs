//! Child processes in a group of their own that never outlive the test, even one that is killed.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A process and its descendants. Dropping it kills them all.
///
/// A small shell guard waits on a pipe from the test process and kills the group as soon as the pipe closes, which
/// the kernel does for us however the test ends: drop, abort, `kill -9` or Ctrl-C.
pub struct Group {
    child: Child,
    guard: Child,
}

impl Group {
    pub fn spawn(command: &mut Command) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        let child =
            command.stdin(Stdio::null()).process_group(0).spawn().unwrap_or_else(|e| panic!("start {program}: {e}"));
        let guard = Command::new("sh")
            .args(["-c", "read -r _; kill -s KILL -- \"-$1\"", "guard"])
            .arg(child.id().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("start the guard shell");
        Self { child, guard }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How the process ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        // In case the guard could not: never wait for what still lives.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
