// SPDX-License-Identifier: Apache-2.0
// What the Rust side sees of the Verilated models.
#pragma once

#include <cstdint>
#include <memory>

#include "rust/cxx.h"

namespace ringfence {

struct Inputs;
struct Outputs;
struct Tally;
struct Flags;
struct Replay;
struct PinsInputs;
struct PinsOutputs;

/// What was driven at a board, cycle by cycle.
class Recording {
public:
    virtual ~Recording() = default;
    virtual std::uint64_t cycles() const = 0;
};

/// A board of any shape. All calls on one model come from one thread at a time.
class BoardModel {
public:
    virtual ~BoardModel() = default;
    /// Resets everything and leaves the outputs of cycle 0 settled.
    virtual void reset(const Inputs& in, Outputs& out, Tally& tally) = 0;
    /// One fabric cycle: takes the inputs, settles, samples; the clock edge follows at the start of
    /// the next call, together with that call's inputs, so that the logic settles once a cycle.
    virtual void step(const Inputs& in, Outputs& out, Tally& tally) = 0;
    /// Texts of failed assertions, with their cycle.
    virtual rust::Vec<rust::String> failures() const = 0;
    /// Keeps what is driven from now on.
    virtual void record() = 0;
    /// What was driven since `record`, which ends it; null without one.
    virtual std::unique_ptr<Recording> recorded() = 0;
    /// A loop over this model with the clocks held as in `step`, and nothing else.
    virtual Replay replay(const Recording& recording, bool hashing) = 0;
};

/// A board as one model with one clock and without assertions.
class BareModel {
public:
    virtual ~BareModel() = default;
    virtual Replay replay(const Recording& recording, bool hashing) = 0;
};

/// The firewall alone.
class PinsModel {
public:
    virtual ~PinsModel() = default;
    virtual void reset(PinsOutputs& out) = 0;
    virtual void step(const PinsInputs& in, PinsOutputs& out) = 0;
    virtual rust::Vec<rust::String> failures() const = 0;
};

std::unique_ptr<BoardModel> new_board(rust::Str key, const Flags& flags);
std::unique_ptr<BareModel> new_bare(rust::Str key, const Flags& flags);
std::unique_ptr<PinsModel> new_pins(rust::Str key, const Flags& flags);
rust::String runtime_version();
rust::String model_version();

}  // namespace ringfence
