//! Exhibits to HTML and tables.
