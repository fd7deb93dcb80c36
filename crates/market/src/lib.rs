//! What the market offered: futures basis and roll, options.
