// SPDX-License-Identifier: Apache-2.0
// What was driven at a board, cycle by cycle, as the words that changed.
#pragma once

#include <array>
#include <vector>

#include "layout.h"
#include "ringfence-sim/cpp/model.h"

namespace ringfence {

/// Inputs as words; a payload begins at a word, so a word belongs to one payload.
inline constexpr std::size_t InputWords = sizeof(Inputs) / 8;
static_assert(sizeof(Inputs) % 8 == 0 && InputWords < 256);

using InputImage = std::array<std::uint64_t, InputWords>;

class InputRecording final : public Recording {
public:
    void add(const Inputs& in) {
        InputImage now;
        std::memcpy(now.data(), &in, sizeof now);
        std::uint8_t changed = 0;
        for (std::size_t i = 0; i < InputWords; ++i) {
            if (now[i] == last_[i]) continue;
            where_.push_back(static_cast<std::uint8_t>(i));
            what_.push_back(now[i]);
            ++changed;
        }
        last_ = now;
        counts_.push_back(changed);
    }

    std::uint64_t cycles() const override { return counts_.size(); }

    /// Calls `change(word, value)` for every change of a cycle and `cycle()` after each cycle.
    template <typename Change, typename Cycle>
    void play(Change change, Cycle cycle) const {
        std::size_t next = 0;
        for (const std::uint8_t count : counts_) {
            for (const std::size_t end = next + count; next != end; ++next) {
                change(where_[next], what_[next]);
            }
            cycle();
        }
    }

private:
    InputImage last_{};
    std::vector<std::uint8_t> counts_;
    std::vector<std::uint8_t> where_;
    std::vector<std::uint64_t> what_;
};

}  // namespace ringfence
