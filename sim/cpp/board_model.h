// SPDX-License-Identifier: Apache-2.0
// The board's wrapper: what is driven goes in, clocks are chosen, what is seen comes out.
#pragma once

#include <chrono>
#include <memory>

#include "context.h"
#include "early_idle.h"
#include "layout.h"
#include "recording.h"
#include "ringfence-sim/cpp/model.h"
#include "sample.h"

namespace ringfence {

/// `V` is the Verilated class of sim/sv/board.sv with `F` filters.
template <typename V, unsigned F>
class HeldBoard final : public BoardModel {
public:
    explicit HeldBoard(const Flags& flags)
        : flags_{flags}, context_{flags.reset_seed}, model_{std::make_unique<V>(&context_, "board")} {
        if constexpr (requires { model_->fault_i; }) model_->fault_i = flags.fault;
    }

    ~HeldBoard() override {
        context_.enter(0);
        model_->final();
        context_.keep_coverage();
    }

    void reset(const Inputs& in, Outputs& out, Tally& tally) override {
        context_.forget();
        tally.pins = {};
        tally.hash = 0;
        early_ = {};
        model_->rst_ni = 0;
        load(in);
        for (int i = 0; i < kResetCycles; ++i) {
            loads_ = {kAllMasters, kAllFilters, true};
            runs_ = {kAllMasters, kAllFilters, true};
            tick(0);
        }
        model_->rst_ni = 1;
        model_->eval();
        tally.cycle = 0;
        see(out, tally);
    }

    void step(const Inputs& in, Outputs& out, Tally& tally) override {
        if (recording_) recording_->add(in);
        load(in);
        // With no clock due and nothing new driven, no signal can have changed.
        if (runs_.any() || loads_.any()) {
            tick(tally.cycle - 1);
            see(out, tally);
        }
        account(out, tally);
        choose(out);
        ++tally.cycle;
    }

    rust::Vec<rust::String> failures() const override { return context_.failures(); }

    void record() override { recording_ = std::make_unique<InputRecording>(); }
    std::unique_ptr<Recording> recorded() override { return std::move(recording_); }

    Replay replay(const Recording& recording, bool hashing) override {
        Inputs in{};
        Outputs out{};
        Tally tally{};
        reset(in, out, tally);
        const auto start = std::chrono::steady_clock::now();
        static_cast<const InputRecording&>(recording).play(
            [&](std::size_t word, std::uint64_t value) {
                std::memcpy(reinterpret_cast<char*>(&in) + word * 8, &value, sizeof value);
            },
            [&] {
                load(in);
                if (runs_.any() || loads_.any()) {
                    tick(0);
                    want();
                    if (hashing) sample<F>(*model_, out);
                }
                if (hashing) hash(out, tally.hash);
                choose(out);
            });
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        return {time.count(), tally.hash};
    }

private:
    static constexpr std::uint8_t kAllMasters = 0xff;
    static constexpr std::uint8_t kAllFilters = (1U << F) - 1;
    static constexpr int kResetCycles = 4;

    /// A bit a clock input.
    struct Clocks {
        std::uint8_t m = 0;
        std::uint8_t f = 0;
        bool other = false;  // clk_reg_i, load_apb_i
        bool any() const { return m != 0 || f != 0 || other; }
    };

    /// Raises the clocks that are due and the loads, settles, and lowers them again. A register
    /// that a clock drives reads what was loaded before: both change in the same update.
    void tick(std::uint64_t cycle) {
        context_.enter(cycle);
        drive(runs_, 1, loads_, 1);
        model_->eval();
        drive(runs_, 0, loads_, 0);
        model_->eval();
        loads_ = {};
    }

    void drive(const Clocks& runs, std::uint8_t run, const Clocks& loads, std::uint8_t load) {
        V& v = *model_;
        each_bit(runs.m, [&](unsigned i) { v.clk_m_i[i] = run; });
        each_bit(runs.f, [&](unsigned i) { v.clk_f_i[i] = run; });
        each_bit(loads.m, [&](unsigned i) { v.load_m_i[i] = load; });
        each_bit(loads.f, [&](unsigned i) { v.load_f_i[i] = load; });
        if (runs.other) v.clk_reg_i = run;
        if (loads.other) v.load_apb_i = load;
    }

    /// Moves to the ports what differs there, and notes whose it is.
    void load(const Inputs& in) {
        V& v = *model_;
        std::uint8_t m = 0;
        m |= put_mask(v.rd_desc_valid_i, in.rd_desc_valid);
        m |= put_mask(v.wr_desc_valid_i, in.wr_desc_valid);
        m |= put_mask(v.ws_valid_i, in.ws_valid);
        m |= put_mask(v.raw_enable_i, in.raw_enable);
        each_bit(in.rd_desc_valid, [&](unsigned i) { m |= put(v.rd_desc_i[i], in.rd_desc[i]) << i; });
        each_bit(in.wr_desc_valid, [&](unsigned i) { m |= put(v.wr_desc_i[i], in.wr_desc[i]) << i; });
        each_bit(in.ws_valid, [&](unsigned i) { m |= put(v.ws_data_i[i], in.ws_data[i]) << i; });
        each_bit(in.raw_enable, [&](unsigned i) { m |= load_raw(i, in.raw[i]) << i; });
        if (std::memcmp(&straps_, &in.straps, sizeof straps_) != 0) {
            straps_ = in.straps;
            for (unsigned i = 0; i < straps_.size(); ++i) {
                v.strap_nsaid_i[i] = straps_[i].nsaid;
                v.strap_prot_i[i] = straps_[i].prot & 0xfff;
            }
            m = kAllMasters;
        }
        loads_.m = m;
        std::uint8_t f = 0;
        for (unsigned i = 0; i < F; ++i) f |= load_memory(i, in.mem[i]) << i;
        loads_.f = f;
        const std::uint64_t apb = apb_word(in.apb);
        loads_.other = apb != v.apb_i;
        v.apb_i = apb;
    }

    static std::uint8_t put_mask(std::uint8_t& port, std::uint8_t mask) {
        const std::uint8_t changed = port ^ mask;
        port = mask;
        return changed;
    }

    bool load_raw(unsigned i, const Raw& raw) {
        V& v = *model_;
        const std::uint8_t flags = raw_flags(raw);
        bool changed = flags != v.raw_flags_i[i];
        v.raw_flags_i[i] = flags;
        if (raw.ar_valid) changed |= put(v.raw_ar_i[i], raw.ar);
        if (raw.aw_valid) changed |= put(v.raw_aw_i[i], raw.aw);
        if (raw.w_valid) changed |= put(v.raw_w_i[i], raw.w);
        return changed;
    }

    bool load_memory(unsigned i, const MemIn& mem) {
        V& v = *model_;
        const std::uint8_t flags = mem_flags(mem);
        bool changed = flags != v.mem_flags_i[i];
        v.mem_flags_i[i] = flags;
        if (mem.r_valid) changed |= put(v.mem_r_i[i], mem.r);
        if (mem.b_valid) changed |= put(v.mem_b_i[i], mem.b);
        return changed;
    }

    void see(Outputs& out, Tally& tally) {
        sample<F>(*model_, out);
        want();
        tally.quiescent = !wants_.any();
    }

    void want() {
        wants_ = {mask8(&model_->run_m_o[0]), mask_n(&model_->run_f_o[0], F),
                  model_->run_reg_o != 0};
    }

    /// Which clocks rise at the end of this cycle.
    void choose(const Outputs& out) {
        runs_ = flags_.hold_clocks ? wants_ : Clocks{kAllMasters, kAllFilters, true};
        if (flags_.early_idle) {
            early_.update(out);
            runs_.m &= early_.not_ending(0);
            runs_.f &= early_.not_ending(MaxMasters);
        }
    }

    static void account(const Outputs& out, Tally& tally) {
        count(out, tally.pins);
        if (tally.hashing) hash(out, tally.hash);
    }

    Flags flags_;
    Context context_;  // outlives the model
    std::unique_ptr<V> model_;
    Clocks runs_;   // due at the start of the next step
    Clocks loads_;  // inputs that changed
    Clocks wants_;  // as sampled
    std::array<Straps, 8> straps_{};
    EarlyIdle early_;
    std::unique_ptr<InputRecording> recording_;
};

}  // namespace ringfence
