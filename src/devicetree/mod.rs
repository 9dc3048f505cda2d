// SPDX-License-Identifier: Apache-2.0
//! A platform file out of a compiled device tree: its memory and what it reserves of it.
//!
//! `tree` reads the blob, `place` gives areas without an address one, `text` writes the file. What
//! a board cannot have, or a device tree cannot tell, stands in the file as a comment.
mod place;
mod text;
mod tree;

/// A blob of which no platform can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The blob's own checks fail.
    #[error("not a device tree: {0}")]
    NotATree(String),
    /// Address or size cells that no 64-bit machine has.
    #[error("{node} has {property} = {cells}, and 0 to 2 can be read")]
    Cells {
        /// Whose children it is about.
        node: &'static str,
        /// `#address-cells` or `#size-cells`.
        property: &'static str,
        /// Its value.
        cells: u32,
    },
    /// Nothing that a board could have as DRAM.
    #[error("no memory node has a range below 2^40")]
    NoMemory,
}

/// The platform file of a blob; `name` is what the file is called.
///
/// # Errors
/// When the blob is broken or has no usable memory. What is odd about a single node is told in the
/// platform file.
pub fn platform(blob: &[u8], name: &str) -> Result<String, Error> {
    let tree = tree::read(blob)?;
    let map = place::place(&tree)?;
    Ok(text::write(&tree, &map, name))
}
