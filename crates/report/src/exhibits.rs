//! The study's exhibits: each a function from the tables of an outcome to an [`Exhibit`](crate::Exhibit).
//!
//! They read tables by the stable names of the outcome contract and know nothing of the analyses. Every
//! title is computed: another market gives another sentence.
