// SPDX-License-Identifier: Apache-2.0
//! The table of firewalls is what its comment says.

use std::collections::BTreeSet;

use ringfence_sim::{PINS, PinsShape};

fn factors(shape: &PinsShape) -> [u32; 7] {
    let PinsShape { filters, regions, address_bits, data_bits, id_bits, .. } = *shape;
    let latency = u32::from(shape.check_latency);
    let extension = u32::from(shape.extension);
    [filters as u32, regions as u32, address_bits, data_bits, id_bits, latency, extension]
}

/// Every pair of values of two different factors stands in some shape.
#[test]
fn shapes_cover_all_pairs() {
    let rows: Vec<[u32; 7]> = PINS.iter().map(factors).collect();
    assert!(rows.len() >= 12);
    let values = |factor: usize| rows.iter().map(|row| row[factor]).collect::<BTreeSet<u32>>();
    for (factor, count) in [3, 3, 3, 3, 3, 2, 2].into_iter().enumerate() {
        assert_eq!(values(factor).len(), count, "factor {factor}");
    }
    for one in 0..7 {
        for other in 0..one {
            for (a, b) in
                values(one).into_iter().flat_map(|a| values(other).into_iter().map(move |b| (a, b)))
            {
                let together = rows.iter().any(|row| row[one] == a && row[other] == b);
                assert!(together, "{a} of factor {one} never meets {b} of factor {other}");
            }
        }
    }
}

#[test]
fn names_say_the_parameters() {
    for shape in PINS {
        let [f, r, a, w, i, l, x] = factors(shape);
        let extension = if x == 1 { "x" } else { "" };
        assert_eq!(shape.name, format!("f{f}r{r}a{a}w{w}i{i}l{l}{extension}"));
    }
}
