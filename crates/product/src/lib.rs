//! What was agreed and what it earned: the DMA swap, replication.
