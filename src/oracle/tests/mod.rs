// SPDX-License-Identifier: Apache-2.0
//! The judge against an honest small board, and against the same board with one fault at a time.
mod acts;
mod caches;
mod clean;
mod drive;
mod evidence;
mod hardware;
mod intent;
mod lending;
mod record;
mod registers;
mod rig;
mod scene;
mod taint;
