// SPDX-License-Identifier: Apache-2.0
// A planted fault of the wrapper, for a test that must go red: a unit counts as idle already in the
// cycle that ends its last transaction, so the clock edge that would take the answer is dropped.
#pragma once

#include <array>

#include "sample.h"

namespace ringfence {

class EarlyIdle {
public:
    void update(const Outputs& out) {
        const std::uint16_t ended_reads = last_beats(out);
        for (unsigned i = 0; i < open_.size(); ++i) {
            const auto bit = [i](std::uint16_t mask) { return static_cast<int>(mask >> i & 1U); };
            const int ended = bit(ended_reads) + bit(fired(out.b));
            open_[i] += bit(fired(out.ar)) + bit(fired(out.aw)) - ended;
            ending_[i] = ended != 0 && open_[i] == 0;
        }
    }

    /// Mask of the eight ports from `first` on whose last transaction does not end in this cycle.
    std::uint8_t not_ending(unsigned first) const {
        std::uint8_t mask = 0;
        for (unsigned i = 0; i < 8; ++i) mask |= static_cast<std::uint8_t>(!ending_[first + i] << i);
        return mask;
    }

private:
    static std::uint16_t last_beats(const Outputs& out) {
        std::uint16_t mask = 0;
        each_bit(fired(out.r), [&](unsigned i) {
            mask |= static_cast<std::uint16_t>(out.port[i].r.last << i);
        });
        return mask;
    }

    std::array<int, 16> open_{};
    std::array<bool, 16> ending_{};
};

}  // namespace ringfence
