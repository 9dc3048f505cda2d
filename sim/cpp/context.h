// SPDX-License-Identifier: Apache-2.0
// A Verilator context that keeps the texts of failed assertions instead of printing and aborting.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rust/cxx.h"
#include "verilated.h"

namespace ringfence {

class Context final : public VerilatedContext {
public:
    /// With a seed, registers of a model that is made afterwards have random values before reset.
    explicit Context(std::uint32_t seed = 0);
    ~Context();
    /// To be called before every eval: runtime and assertion texts find their context by thread.
    void enter(std::uint64_t cycle);
    /// A line that the model printed; kept when it reports an error.
    void printed(std::string text);
    rust::Vec<rust::String> failures() const;
    void forget() { failures_.clear(); }
    /// Writes what was covered into a file of its own in RINGFENCE_COVERAGE, if the model counts it.
    /// To be called while the model lives.
    void keep_coverage();

private:
    // One broken assertion can fail in every cycle of a long run.
    static constexpr std::size_t kMostKept = 1000;
    std::uint64_t cycle_ = 0;
    std::vector<std::string> failures_;
};

}  // namespace ringfence
