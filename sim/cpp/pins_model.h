// SPDX-License-Identifier: Apache-2.0
// The wrapper of the firewall alone (sim/sv/pins.sv).
#pragma once

#include <memory>

#include "context.h"
#include "layout.h"
#include "ringfence-sim/cpp/model.h"

namespace ringfence {

/// `V` is the Verilated class of sim/sv/pins.sv with `F` filters.
template <typename V, unsigned F>
class Pins final : public PinsModel {
public:
    explicit Pins(const Flags& flags)
        : hold_clocks_{flags.hold_clocks}, model_{std::make_unique<V>(&context_, "pins")} {
        if constexpr (requires { model_->fault_i; }) model_->fault_i = flags.fault;
    }

    ~Pins() override {
        context_.enter(0);
        model_->final();
        context_.keep_coverage();
    }

    void reset(PinsOutputs& out) override {
        context_.forget();
        model_->rst_ni = 0;
        load(PinsInputs{});
        for (int i = 0; i < kResetCycles; ++i) {
            run_f_ = kAllFilters;
            run_reg_ = true;
            tick(0);
        }
        model_->rst_ni = 1;
        model_->eval();
        run_f_ = 0;
        run_reg_ = false;
        cycle_ = 0;
        see(out);
    }

    void step(const PinsInputs& in, PinsOutputs& out) override {
        load(in);
        tick(cycle_ - 1);
        see(out);
        run_f_ = hold_clocks_ ? mask_n(&model_->run_f_o[0], F) : kAllFilters;
        run_reg_ = !hold_clocks_ || model_->run_reg_o;
        ++cycle_;
    }

    rust::Vec<rust::String> failures() const override { return context_.failures(); }

private:
    static constexpr int kResetCycles = 4;
    static constexpr std::uint8_t kAllFilters = (1U << F) - 1;
    static constexpr unsigned kPorts = 8;

    void load(const PinsInputs& in) {
        V& v = *model_;
        for (unsigned i = 0; i < F; ++i) {
            v.raw_flags_i[i] = raw_flags(in.master[i]);
            v.mem_flags_i[i] = mem_flags(in.mem[i]);
            put(v.raw_ar_i[i], in.master[i].ar);
            put(v.raw_aw_i[i], in.master[i].aw);
            put(v.raw_w_i[i], in.master[i].w);
            put(v.mem_r_i[i], in.mem[i].r);
            put(v.mem_b_i[i], in.mem[i].b);
        }
        v.apb_i = apb_word(in.apb);
    }

    // The clock edge of the cycle before, and this cycle's inputs: as in HeldBoard.
    void tick(std::uint64_t cycle) {
        V& v = *model_;
        context_.enter(cycle);
        for (unsigned i = 0; i < F; ++i) v.clk_f_i[i] = run_f_ >> i & 1;
        v.clk_reg_i = run_reg_;
        v.load_i = 1;
        v.eval();
        for (unsigned i = 0; i < F; ++i) v.clk_f_i[i] = 0;
        v.clk_reg_i = 0;
        v.load_i = 0;
        v.eval();
    }

    void see(PinsOutputs& out) const {
        const V& v = *model_;
        const auto all = [](const auto& port) {
            return static_cast<std::uint16_t>(mask_n(&port[0], kPorts));
        };
        out.ar = {all(v.arvalid_o), all(v.arready_o)};
        out.aw = {all(v.awvalid_o), all(v.awready_o)};
        out.w = {all(v.wvalid_o), all(v.wready_o)};
        out.r = {all(v.rvalid_o), all(v.rready_o)};
        out.b = {all(v.bvalid_o), all(v.bready_o)};
        each_bit(out.ar.valid, [&](unsigned i) { get(out.port[i].ar, v.ar_o[i]); });
        each_bit(out.aw.valid, [&](unsigned i) { get(out.port[i].aw, v.aw_o[i]); });
        each_bit(out.w.valid, [&](unsigned i) { get(out.port[i].w, v.w_o[i]); });
        each_bit(out.r.valid, [&](unsigned i) { get(out.port[i].r, v.r_o[i]); });
        each_bit(out.b.valid, [&](unsigned i) { get(out.port[i].b, v.b_o[i]); });
        out.idle_f = mask_n(&v.idle_f_o[0], F);
        out.idle_reg = v.idle_reg_o != 0;
        out.tzcint = v.tzcint_o != 0;
        out.apb_ready = v.pready_o != 0;
        out.apb_slverr = v.pslverr_o != 0;
        out.apb_rdata = v.prdata_o;
    }

    bool hold_clocks_;
    Context context_;  // outlives the model
    std::unique_ptr<V> model_;
    std::uint8_t run_f_ = 0;
    bool run_reg_ = false;
    std::uint64_t cycle_ = 0;
};

}  // namespace ringfence
