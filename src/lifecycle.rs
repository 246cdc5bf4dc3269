//! Starting and stopping: signals, the order of an orderly stop, and what `/readyz` says meanwhile.
