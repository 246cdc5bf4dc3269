//! Memory that is given back. glibc's allocator has an arena for every few threads, and lets its limits grow with what
//! was freed: the minute in which a new site's two thousand pages are read would stay as 200 MB for good. It takes
//! settings from the environment, when a program starts, and later by calls that are unsafe. So `bantin run` starts
//! itself once more with them, in the same process; not where somebody set them already, as the unit and the image do.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Two arenas; what is large comes from the kernel and goes back to it, and so does the top of the heap.
const SETTINGS: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "2"), ("MALLOC_MMAP_THRESHOLD_", "65536"), ("MALLOC_TRIM_THRESHOLD_", "131072")];

/// Comes back where they hold, or cannot be had: then more memory is kept than needed, and nothing else.
pub(super) fn settle() {
    let is_set = |(name, _): &(&str, &str)| std::env::var_os(name).is_some();
    if !cfg!(all(target_os = "linux", target_env = "gnu")) || SETTINGS.iter().any(is_set) {
        return;
    }
    let (Ok(program), mut arguments) = (std::env::current_exe(), std::env::args_os()) else { return };
    let name = arguments.next().unwrap_or_else(|| program.clone().into());
    // It comes back only where it failed.
    let _ = Command::new(program).arg0(name).args(arguments).envs(SETTINGS).exec();
}
