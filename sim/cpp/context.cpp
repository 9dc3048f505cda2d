// SPDX-License-Identifier: Apache-2.0
#include "context.h"

#include <cstdarg>
#include <cstdio>
#include <limits>

#if RF_COVERAGE
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "verilated_cov.h"
#endif

#include "ringfence-sim/cpp/model.h"

namespace ringfence {

namespace {
thread_local Context* current = nullptr;
}

Context::Context(std::uint32_t seed) {
    if (seed != 0) {
        randReset(2);
        randSeed(static_cast<int>(seed));
    }
    fatalOnError(false);
    errorLimit(std::numeric_limits<int>::max());
}

Context::~Context() {
    if (current == this) current = nullptr;
}

void Context::enter(std::uint64_t cycle) {
    cycle_ = cycle;
    current = this;
    Verilated::threadContextp(this);
}

void Context::printed(std::string text) {
    const std::size_t start = text.find("%Error");
    if (start == std::string::npos || failures_.size() >= kMostKept) return;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    failures_.push_back("cycle " + std::to_string(cycle_) + ": " + text.substr(start + 1));
}

void Context::keep_coverage() {
#if RF_COVERAGE
    static std::atomic<unsigned> number{0};
    const char* const folder = std::getenv("RINGFENCE_COVERAGE");
    if (!folder) return;
    const std::string name = std::to_string(getpid()) + "-" + std::to_string(number++) + ".dat";
    coveragep()->write(std::string{folder} + "/" + name);
#endif
}

rust::Vec<rust::String> Context::failures() const {
    rust::Vec<rust::String> all;
    for (const std::string& failure : failures_) all.push_back(rust::String::lossy(failure));
    return all;
}

rust::String runtime_version() { return Verilated::productVersion(); }
rust::String model_version() { return VERILATOR_VERSION; }

}  // namespace ringfence

// The runtime prints through this (VL_PRINTF, .cargo/config.toml).
int rf_model_printf(const char* format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    const int length = std::vsnprintf(nullptr, 0, format, args);
    va_end(args);
    std::string text(static_cast<std::size_t>(length < 0 ? 0 : length) + 1, '\0');
    std::vsnprintf(text.data(), text.size(), format, again);
    va_end(again);
    text.pop_back();
    if (ringfence::current) ringfence::current->printed(std::move(text));
    return length;
}
