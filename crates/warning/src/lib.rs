//! What could be seen: inversion, basis stress.
