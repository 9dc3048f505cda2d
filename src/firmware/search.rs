// SPDX-License-Identifier: Apache-2.0
//! The search for an order of writes in which no state between two writes is wrong.
use super::judge::Judge;
use super::regions::{ATTRIBUTES_WORD, MAX_REGIONS, REGION_WORDS, RegionFile, offset_of};
use std::collections::BTreeSet;

/// States that a search judges before it gives up.
///
/// An order that exists is nearly a straight way: a move of all eight regions is found within some
/// hundred states. What runs longer is a proof that there is none, and that takes a state for each
/// set of writes that can go first, which every region that could move on its own multiplies: three
/// changed regions take some hundred, eight may take 96^8. 2^16 states of eight regions take 0.2 s
/// and less than 10 MiB (measured, hardly optimised), after which closing the gate for some hundred
/// cycles is the better answer.
pub const STATE_BUDGET: usize = 1 << 16;

/// A 32-bit write: byte offset and value.
pub type RegisterWrite = (u16, u32);

/// Why there is no order of writes without a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoOrder {
    /// Every order was tried.
    #[error("no order of these writes is safe ({states} states)")]
    Exhausted {
        /// States judged.
        states: usize,
    },
    /// The budget ended before the search did.
    #[error("no safe order found within {states} states")]
    Budget {
        /// States judged.
        states: usize,
    },
}

/// Finds an order of the writes that make `new` out of `old`, each region being disabled at most
/// once more than that takes, in which every state is right (see [`Judge`]). Judges at most
/// `budget` states.
///
/// # Errors
/// When there is no such order, or none was found within the budget.
pub fn search(
    old: &RegionFile,
    new: &RegionFile,
    budget: usize,
) -> Result<Vec<RegisterWrite>, NoOrder> {
    let mut search = Search::new(old, new);
    let mut states = 0;
    while let Some(at) = search.next() {
        let node = search.nodes[at];
        if node.parent.is_some() {
            if states == budget {
                return Err(NoOrder::Budget { states });
            }
            states += 1;
            if search.judge.check(&search.file(node.code)).is_err() {
                continue;
            }
        }
        if search.left(node.code) == 0 {
            return Ok(search.way(at));
        }
        search.expand(at);
    }
    Err(NoOrder::Exhausted { states })
}

/// How far a region's attributes are. `Kept` are those that old and new share, not touched yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attributes {
    Old,
    Off,
    New,
    Kept,
}

/// Bits of one region in a [`Code`]: one a register that is as in the new file (that of the
/// attributes is not used), then two of [`Attributes`].
const REGION_BITS: usize = REGION_WORDS + 2 - 1;
/// Every region's state in one word.
type Code = u64;
const _: () = assert!(REGION_BITS * MAX_REGIONS <= Code::BITS as usize);

/// A state that was reached, and how.
#[derive(Clone, Copy, Debug)]
struct Node {
    code: Code,
    parent: Option<usize>,
    write: RegisterWrite,
}

struct Search<'a> {
    old: &'a RegionFile,
    new: &'a RegionFile,
    judge: Judge,
    nodes: Vec<Node>,
    seen: BTreeSet<Code>,
    /// States to look at, by the number of writes that they lack at least; newest last.
    open: Vec<Vec<usize>>,
}

impl<'a> Search<'a> {
    fn new(old: &'a RegionFile, new: &'a RegionFile) -> Self {
        let mut code = 0;
        for (index, (from, to)) in old.regions().iter().zip(new.regions()).enumerate() {
            for word in (0..REGION_WORDS).filter(|word| from.0[*word] == to.0[*word]) {
                code |= match word {
                    ATTRIBUTES_WORD => with_attributes(0, index, Attributes::Kept),
                    _ => done(index, word),
                };
            }
        }
        let first = Node { code, parent: None, write: (0, 0) };
        let mut search = Self {
            old,
            new,
            judge: Judge::new(old, new),
            nodes: Vec::new(),
            seen: BTreeSet::new(),
            open: vec![Vec::new(); REGION_WORDS * MAX_REGIONS + 1],
        };
        search.push(first);
        search
    }

    /// The newest of the states that lack the fewest writes: deep first, and back to where a
    /// disabling write is tried as late as can be.
    fn next(&mut self) -> Option<usize> {
        self.open.iter_mut().find_map(Vec::pop)
    }

    fn push(&mut self, node: Node) {
        if self.seen.insert(node.code) {
            let left = self.left(node.code);
            self.open[left].push(self.nodes.len());
            self.nodes.push(node);
        }
    }

    /// Every state one write further; what is to be tried first comes last.
    fn expand(&mut self, at: usize) {
        let code = self.nodes[at].code;
        for index in (0..self.new.regions().len()).rev() {
            let (old, new) = (self.old.regions()[index], self.new.regions()[index]);
            let number = index as u8;
            let attributes = attributes(code, index);
            let mut step = |code, word, value| {
                let write = (offset_of(number, word), value);
                self.push(Node { code, parent: Some(at), write });
            };
            let enabled = matches!(attributes, Attributes::Old | Attributes::Kept);
            // The new attributes disable as well where they enable nothing.
            if index > 0 && enabled && old.filters() != 0 && new.filters() != 0 {
                step(with_attributes(code, index, Attributes::Off), ATTRIBUTES_WORD, 0);
            }
            if matches!(attributes, Attributes::Old | Attributes::Off) {
                let code = with_attributes(code, index, Attributes::New);
                step(code, ATTRIBUTES_WORD, new.0[ATTRIBUTES_WORD]);
            }
            for word in (0..REGION_WORDS).rev().filter(|word| *word != ATTRIBUTES_WORD) {
                if code & done(index, word) == 0 {
                    step(code | done(index, word), word, new.0[word]);
                }
            }
        }
    }

    /// Writes that a state lacks at least.
    fn left(&self, code: Code) -> usize {
        let lacks = |index: usize| {
            let words = (0..REGION_WORDS).filter(|word| *word != ATTRIBUTES_WORD);
            let words = words.filter(|word| code & done(index, *word) == 0).count();
            let open = matches!(attributes(code, index), Attributes::Old | Attributes::Off);
            words + usize::from(open)
        };
        (0..self.new.regions().len()).map(lacks).sum()
    }

    /// The registers in a state.
    fn file(&self, code: Code) -> RegionFile {
        let mut file = *self.old;
        for (index, new) in self.new.regions().iter().enumerate() {
            for (word, value) in new.0.iter().enumerate() {
                let value = match (word == ATTRIBUTES_WORD, attributes(code, index)) {
                    (true, Attributes::Off) => 0,
                    (true, Attributes::New) => *value,
                    (false, _) if code & done(index, word) != 0 => *value,
                    _ => continue,
                };
                file.write(offset_of(index as u8, word), value);
            }
        }
        file
    }

    /// The writes that led to a state.
    fn way(&self, mut at: usize) -> Vec<RegisterWrite> {
        let mut writes = Vec::new();
        while let Some(parent) = self.nodes[at].parent {
            writes.push(self.nodes[at].write);
            at = parent;
        }
        writes.reverse();
        writes
    }
}

/// The bit of a register other than the attributes.
const fn done(index: usize, word: usize) -> Code {
    let bit = if word > ATTRIBUTES_WORD { word - 1 } else { word };
    1 << (index * REGION_BITS + bit)
}

const fn attributes_shift(index: usize) -> usize {
    index * REGION_BITS + REGION_WORDS - 1
}

const fn attributes(code: Code, index: usize) -> Attributes {
    match code >> attributes_shift(index) & 0b11 {
        0 => Attributes::Old,
        1 => Attributes::Off,
        2 => Attributes::New,
        _ => Attributes::Kept,
    }
}

const fn with_attributes(code: Code, index: usize, state: Attributes) -> Code {
    let value = match state {
        Attributes::Old => 0,
        Attributes::Off => 1,
        Attributes::New => 2,
        Attributes::Kept => 3,
    };
    code & !(0b11 << attributes_shift(index)) | value << attributes_shift(index)
}
