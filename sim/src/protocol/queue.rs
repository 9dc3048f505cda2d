// SPDX-License-Identifier: Apache-2.0
//! Open transactions of a port, in order for each ID, without allocation once it has grown.

const NONE: u32 = u32::MAX;
/// IDs at a filter have 7 bits.
const IDS: usize = 128;

#[derive(Debug)]
struct Node<T> {
    value: T,
    next: u32,
}

/// One queue an ID over a shared pool.
#[derive(Debug)]
pub(super) struct IdQueues<T> {
    nodes: Vec<Node<T>>,
    free: u32,
    ends: [(u32, u32); IDS],
    len: usize,
}

impl<T> Default for IdQueues<T> {
    fn default() -> Self {
        Self { nodes: Vec::new(), free: NONE, ends: [(NONE, NONE); IDS], len: 0 }
    }
}

impl<T: Copy> IdQueues<T> {
    /// Appends to the queue of `id`; the handle stays good until the entry is popped.
    pub(super) fn push(&mut self, id: u8, value: T) -> u32 {
        let node = Node { value, next: NONE };
        let handle = if self.free == NONE {
            self.nodes.push(node);
            (self.nodes.len() - 1) as u32
        } else {
            let handle = self.free;
            self.free = self.nodes[handle as usize].next;
            self.nodes[handle as usize] = node;
            handle
        };
        let (first, last) = &mut self.ends[usize::from(id) % IDS];
        if *first == NONE {
            *first = handle;
        } else {
            self.nodes[*last as usize].next = handle;
        }
        *last = handle;
        self.len += 1;
        handle
    }

    /// The oldest entry of `id`.
    pub(super) fn front(&mut self, id: u8) -> Option<&mut T> {
        let (first, _) = self.ends[usize::from(id) % IDS];
        (first != NONE).then(|| &mut self.nodes[first as usize].value)
    }

    /// The entry behind a handle.
    pub(super) fn get(&mut self, handle: u32) -> &mut T {
        &mut self.nodes[handle as usize].value
    }

    /// Removes the oldest entry of `id`, if there is one.
    pub(super) fn pop(&mut self, id: u8) {
        let (first, last) = &mut self.ends[usize::from(id) % IDS];
        if *first == NONE {
            return;
        }
        let handle = *first;
        let node = &mut self.nodes[handle as usize];
        *first = node.next;
        if *first == NONE {
            *last = NONE;
        }
        node.next = self.free;
        self.free = handle;
        self.len -= 1;
    }

    /// Entries in all queues.
    pub(super) fn len(&self) -> usize {
        self.len
    }
}
