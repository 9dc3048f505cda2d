// SPDX-License-Identifier: Apache-2.0
//! ringfence: protected DMA buffers behind a hardware firewall, checked beat by beat.
#![forbid(unsafe_code)]
pub mod cli;
pub mod devicetree;
pub mod engine;
pub mod firmware;
pub mod memory;
pub mod metrics;
pub mod oracle;
pub mod report;
pub mod scenario;
pub mod tee;
pub mod units;
pub mod workload;
