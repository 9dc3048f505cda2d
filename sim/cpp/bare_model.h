// SPDX-License-Identifier: Apache-2.0
// The yardstick: a loop over the board as one model with one clock, assertions off, that does no
// more than to set what was driven and to evaluate.
#pragma once

#include <chrono>
#include <memory>

#include "context.h"
#include "recording.h"
#include "ringfence-sim/cpp/model.h"
#include "sample.h"

namespace ringfence {

template <typename V, unsigned F>
class BareBoard final : public BareModel {
public:
    explicit BareBoard(const Flags&) : model_{std::make_unique<V>(&context_, "board")} { map(); }

    ~BareBoard() override {
        context_.enter(0);
        model_->final();
    }

    Replay replay(const Recording& recording, bool hashing) override {
        reset();
        Replay result{};
        Outputs out{};
        const auto start = std::chrono::steady_clock::now();
        static_cast<const InputRecording&>(recording).play(
            [&](std::size_t word, std::uint64_t value) {
                std::memcpy(reinterpret_cast<char*>(&image_) + word * 8, &value, sizeof value);
                if (ports_[word]) std::memcpy(ports_[word], &value, sizeof value);
                composed_ |= kinds_[word];
            },
            [&] {
                if (composed_ != 0) compose();
                tick();
                if (hashing) {
                    sample<F>(*model_, out);
                    hash(out, result.hash);
                }
            });
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        result.seconds = time.count();
        return result;
    }

private:
    enum Kind : std::uint8_t { kMasks = 1, kRaw = 2, kStraps = 4, kMemory = 8, kApb = 16 };

    void reset() {
        image_ = {};
        for (char* const port : ports_) {
            if (port) std::memset(port, 0, 8);
        }
        composed_ = 0xff;
        compose();
        context_.enter(0);
        model_->rst_ni = 0;
        for (int i = 0; i < 4; ++i) tick();
        model_->rst_ni = 1;
        model_->eval();
    }

    void tick() {
        model_->clk_i = 1;
        model_->eval();
        model_->clk_i = 0;
        model_->eval();
    }

    template <typename T>
    std::size_t word(const T& field) const {
        return static_cast<std::size_t>(reinterpret_cast<const char*>(&field)
                                        - reinterpret_cast<const char*>(&image_))
               / 8;
    }

    /// Payloads lie at their ports as they lie in the inputs; the rest is composed.
    void map() {
        const auto at = [&](const auto& payload, auto& port) {
            for (std::size_t i = 0; i < sizeof payload / 8; ++i) {
                ports_[word(payload) + i] = reinterpret_cast<char*>(&port) + 8 * i;
            }
        };
        V& v = *model_;
        kinds_[word(image_.raw_enable)] = kMasks;
        for (unsigned i = 0; i < MaxMasters; ++i) {
            at(image_.rd_desc[i], v.rd_desc_i[i]);
            at(image_.wr_desc[i], v.wr_desc_i[i]);
            at(image_.ws_data[i], v.ws_data_i[i]);
            at(image_.raw[i].ar, v.raw_ar_i[i]);
            at(image_.raw[i].aw, v.raw_aw_i[i]);
            at(image_.raw[i].w, v.raw_w_i[i]);
            kinds_[word(image_.raw[i].ar_valid)] = kRaw;
            kinds_[word(image_.straps[i])] = kStraps;
        }
        for (unsigned i = 0; i < F; ++i) {
            at(image_.mem[i].r, v.mem_r_i[i]);
            kinds_[word(image_.mem[i].ar_ready)] = kMemory;
            kinds_[word(image_.mem[i].b)] = kMemory;
        }
        kinds_[word(image_.apb)] = kApb;
        kinds_[word(image_.apb.wdata)] = kApb;
    }

    void compose() {
        V& v = *model_;
        const Inputs& in = image_;
        if (composed_ & kMasks) {
            v.raw_enable_i = in.raw_enable;
            v.rd_desc_valid_i = in.rd_desc_valid;
            v.wr_desc_valid_i = in.wr_desc_valid;
            v.ws_valid_i = in.ws_valid;
        }
        for (unsigned i = 0; composed_ & kRaw && i < MaxMasters; ++i) {
            v.raw_flags_i[i] = raw_flags(in.raw[i]);
        }
        for (unsigned i = 0; composed_ & kStraps && i < MaxMasters; ++i) {
            v.strap_nsaid_i[i] = in.straps[i].nsaid;
            v.strap_prot_i[i] = in.straps[i].prot & 0xfff;
        }
        for (unsigned i = 0; composed_ & kMemory && i < F; ++i) {
            v.mem_flags_i[i] = mem_flags(in.mem[i]);
            std::memcpy(&v.mem_b_i[i], &in.mem[i].b, sizeof in.mem[i].b);
        }
        if (composed_ & kApb) v.apb_i = apb_word(in.apb);
        composed_ = 0;
    }

    Context context_;  // outlives the model
    std::unique_ptr<V> model_;
    Inputs image_{};
    std::array<char*, InputWords> ports_{};
    std::array<std::uint8_t, InputWords> kinds_{};
    std::uint8_t composed_ = 0;  // kinds that changed in this cycle
};

}  // namespace ringfence
