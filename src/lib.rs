// SPDX-License-Identifier: Apache-2.0
//! ringfence: protected DMA buffers behind a hardware firewall, checked beat by beat.
#![forbid(unsafe_code)]
pub mod engine;
pub mod report;
pub mod scenario;
pub mod units;
