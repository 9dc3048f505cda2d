// SPDX-License-Identifier: Apache-2.0
//! Every check by name: its code, what it means and whose fault it is unless more is known.
use crate::engine::event::{Party, ViolationKind};

/// A check that can object.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    pub(super) kind: ViolationKind,
    pub(super) title: &'static str,
    pub(super) fault: &'static [Party],
    pub(super) next: &'static str,
}

const RTL: &[Party] = &[Party::Rtl];
const DRIVER: &[Party] = &[Party::Driver];
const INTEGRATION: &[Party] = &[Party::Integration];

macro_rules! checks {
    ($($id:ident $name:literal $code:literal $kind:ident $fault:ident $title:literal $next:literal)*) => {
        $(pub(super) static $id: Check = Check {
            name: $name, code: $code, kind: ViolationKind::$kind, title: $title, fault: $fault, next: $next,
        };)*
        /// All of them.
        #[cfg(test)]
        pub(super) static ALL: &[&Check] = &[$(&$id),*];
    };
}

checks! {
    ESCAPE "escape" "TZ001" Escape RTL "access without a right was let through"
        "compare the region's ID_ACCESS with the pool's rights table"
    FALSE_DENY "false-deny" "TZ002" FalseDeny RTL "permitted access was denied"
        "compare the region's ID_ACCESS and bounds with the pool's rights table"
    LATE_LANDING "late-landing" "TZ003" LateLanding DRIVER "data moved after revoke had returned"
        "stop the master and wait for its last response before the buffer is unmapped"
    AFTER_RECLAIM "after-reclaim" "TZ003" LateLanding DRIVER "access to memory that was reclaimed"
        "stop the master before its buffer is unmapped; wait for it before memory is reclaimed"
    RESIDUE "residue" "TZ004" Residue ALLOCATOR "bytes of an earlier buffer were read"
        "scrub the buffer when it is released or allocated"
    STRADDLE "straddle" "TZ006" Escape RTL "burst across a page edge was let through"
        "a burst that leaves its 4 KiB page must be denied whole"
    DENIED_READ_ZERO "denied-read-zero" "TZ007" TaintLeak RTL "denied read returned data"
        "look at the zeroing of read data on the deny path"
    FAIL_REGISTERS "fail-registers" "TZ008" RuleMismatch RTL "failure registers are wrong"
        "look at the capture of the first failure and at its clear"
    INT_STATUS "int-status" "TZ009" RuleMismatch RTL "INT_STATUS is wrong"
        "look at status, overrun and overlap of the filter"
    INTERRUPT "interrupt" "TZ009" RuleMismatch RTL "interrupt line is wrong"
        "tzcint is the OR of all status bits while ACTION bit 1 is set"
    ALLOCATION "allocation" "TZ011" Overreach ALLOCATOR "buffer allocated where it must not be"
        "look at the pool's free list"
    HANG "hang" "TZ012" Hang RTL "waited longer than its budget"
        "follow the oldest transaction that is outstanding"
    DRAIN_TIMEOUT "drain-timeout" "TZ012" DrainTimeout DRIVER "went on although it was to be drained"
        "stop the master: what it has in flight must end"
    SELF_INFLICTED "self-inflicted" "TZ022" SelfInflicted ALLOCATOR "the system's own access was denied"
        "keep kernel and processor away from memory that is lent"
    STALE_LINE "stale-line" "TZ023" Integrity ALLOCATOR "the processor read a line that is older than its memory"
        "invalidate caches after memory is reclaimed"
    TAINT_LEAK "taint-leak" "TZ024" TaintLeak DRIVER "protected data was written to ordinary memory"
        "keep a device that reads protected memory from writing elsewhere: tee.destination-rule"
    TAINT_READ "taint-read" "TZ024" TaintLeak DRIVER "protected data was read from ordinary memory"
        "find the job that wrote it there; clear the copy, or keep it in protected memory"
    OVERREACH "overreach" "TZ013" Overreach DRIVER "access to the pool without a live grant"
        "map the buffer for this device and direction before use; the firewall cannot see this"
    UNDECLARED "undeclared-attempt" "TZ014" UndeclaredAttempt DRIVER "access without a right was denied"
        "find out why this master goes there, or declare it an intruder"
    INTEGRITY "integrity" "TZ015" Integrity RTL "memory does not hold what was written"
        "find what changed the byte: no beat did"
    CONTENTS "final-contents" "TZ015" Integrity RTL "memory ends with other contents than were written"
        "find what changed the byte: no beat did"
    DENIED_NOT_FORWARDED "denied-not-forwarded" "TZ016" RuleMismatch RTL "denied access reached memory"
        "compare the region match and the permission with the registers shown"
    ALLOWED_FORWARDED "allowed-forwarded" "TZ016" RuleMismatch RTL "allowed access did not reach memory"
        "compare the region match and the permission with the registers shown"
    GATE_CLOSED "gate-closed" "TZ016" RuleMismatch RTL "address accepted while the gate is closed"
        "AxREADY must be low from the cycle after the gate's request falls"
    ADDRESS "address" "TZ017" RuleMismatch RTL "address changed on its way through the firewall"
        "compare both sides of the filter"
    ADDRESS_HELD "address-held" "TZ017" RuleMismatch RTL "address taken back from memory"
        "a valid address must stay, whatever is written to registers or gates"
    READ_DATA "read-data" "TZ017" Integrity RTL "read data changed on its way through the firewall"
        "compare both sides of the filter; look at the routing by ID"
    WRITE_DATA "write-data" "TZ017" Integrity RTL "write data changed on its way through the firewall"
        "compare both sides of the filter"
    WRITE_STROBE "write-strobe" "TZ017" Integrity RTL "write strobes changed on their way through the firewall"
        "compare both sides of the filter"
    WRITE_LAST "write-last" "TZ017" RuleMismatch RTL "WLAST at memory is not at the burst's end"
        "count beats by AWLEN"
    RESPONSE "response" "TZ017" RuleMismatch RTL "response is not the one that is due"
        "a denied access answers as ACTION says, an allowed one as memory did"
    R_ORDER "r-order" "TZ017" RuleMismatch RTL "answer out of order"
        "answers of one ID come in the order of its addresses, denied ones included"
    BEAT_COUNT "beat-count" "TZ017" RuleMismatch RTL "beats are not those of the burst"
        "count beats by AxLEN"
    FABRIC_ADDRESS "fabric-address" "TZ018" RuleMismatch RTL "address changed by the fabric"
        "compare the master port with the filter's slave side"
    FABRIC_ROUTE "fabric-route" "TZ018" RuleMismatch RTL "address sent to the wrong filter"
        "the filter is chosen by the address bits above 4 KiB"
    FABRIC_READ_DATA "fabric-read-data" "TZ018" Integrity RTL "read data changed by the fabric"
        "compare the filter's slave side with the master port"
    FABRIC_WRITE_DATA "fabric-write-data" "TZ018" Integrity RTL "write data changed by the fabric"
        "compare the master port with the filter's slave side"
    FABRIC_RESPONSE "fabric-response" "TZ018" RuleMismatch RTL "response changed by the fabric"
        "compare the filter's slave side with the master port"
    FABRIC_BEAT_COUNT "fabric-beat-count" "TZ018" RuleMismatch RTL "beats at the master are not those of the burst"
        "count beats by AxLEN"
    IDENTITY "identity" "TZ019" RuleMismatch INTEGRATION "master does not carry the identity wired to it"
        "check the straps of NSAID and AxPROT at this port"
    FABRIC_IDENTITY "fabric-identity" "TZ019" RuleMismatch RTL "identity changed by the fabric"
        "compare the master port with the filter's slave side"
    REGISTER "register" "TZ020" RuleMismatch RTL "register does not read as written"
        "compare with the register map of the TZC-400"
    MEMORY_ANSWER "memory-answer" "TZ021" Protocol INTEGRATION "memory answered what nobody asked"
        "look at the memory's queue of this filter"
    PROTOCOL "protocol" "AX001" Protocol RTL "bus rules broken"
        "see the named rule in the specification"
}

const ALLOCATOR: &[Party] = &[Party::AllocatorKernel];

/// Code and meaning of every rule that the judge can report.
pub const CODES: &[(&str, &str)] = &[
    ("TZ001", "escape: an access that no right covers was let through"),
    ("TZ002", "false deny: an access that a live grant covers, or to ordinary memory, was denied"),
    ("TZ003", "late landing: data moved after revoke had returned"),
    ("TZ004", "residue: bytes of an earlier buffer were read before the new owner wrote them"),
    ("TZ006", "a burst across a page edge was let through in part or whole"),
    ("TZ007", "a denied read returned data that is not zero"),
    ("TZ008", "FAIL_ADDRESS, FAIL_CONTROL or FAIL_ID do not name the first failure"),
    ("TZ009", "INT_STATUS or the interrupt line is wrong"),
    ("TZ011", "a buffer was allocated over another one or outside its pool"),
    ("TZ012", "hang: something waited longer than its budget"),
    ("TZ013", "overreach: the pool's rights cover the access but no live grant does"),
    ("TZ014", "a denied access without a right by a master that is no declared intruder"),
    ("TZ015", "integrity: memory does not hold what was written"),
    ("TZ016", "the firewall decided otherwise than its registers say"),
    ("TZ017", "the firewall changed what passes through it"),
    ("TZ018", "the fabric changed what passes through it"),
    ("TZ019", "an access carries another identity than the one wired to its master"),
    ("TZ020", "a register does not read as the register map says"),
    ("TZ021", "memory answered what nobody asked"),
    ("TZ022", "self-inflicted: the system's own software touched protected memory and was denied"),
    (
        "TZ023",
        "stale-line: the processor read, out of its cache, bytes from before its memory was reclaimed",
    ),
    ("TZ024", "taint leak: data of protected memory was written to ordinary memory, or read there"),
    ("AX001", "AXI or APB rules broken; the check names the rule"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_its_own_name_and_a_code_that_is_explained() {
        for (i, check) in ALL.iter().enumerate() {
            assert!(ALL[..i].iter().all(|other| other.name != check.name), "{}", check.name);
            assert!(CODES.iter().any(|(code, _)| *code == check.code), "{}", check.code);
        }
        assert!(CODES.iter().all(|(code, _)| ALL.iter().any(|check| check.code == *code)));
    }
}
