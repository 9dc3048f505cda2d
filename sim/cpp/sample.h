// SPDX-License-Identifier: Apache-2.0
// Reads what a board shows: handshake masks first, payloads only where VALID is high.
#pragma once

#include "layout.h"

namespace ringfence {

inline constexpr unsigned MaxMasters = 8;

template <unsigned F, typename V>
void sample(const V& v, Outputs& out) {
    out.ar = {mask16(&v.arvalid_o[0]), mask16(&v.arready_o[0])};
    out.aw = {mask16(&v.awvalid_o[0]), mask16(&v.awready_o[0])};
    out.w = {mask16(&v.wvalid_o[0]), mask16(&v.wready_o[0])};
    out.r = {mask16(&v.rvalid_o[0]), mask16(&v.rready_o[0])};
    out.b = {mask16(&v.bvalid_o[0]), mask16(&v.bready_o[0])};
    each_bit(out.ar.valid, [&](unsigned i) { get(out.port[i].ar, v.ar_o[i]); });
    each_bit(out.aw.valid, [&](unsigned i) { get(out.port[i].aw, v.aw_o[i]); });
    each_bit(out.w.valid, [&](unsigned i) { get(out.port[i].w, v.w_o[i]); });
    each_bit(out.r.valid, [&](unsigned i) { get(out.port[i].r, v.r_o[i]); });
    each_bit(out.b.valid, [&](unsigned i) { get(out.port[i].b, v.b_o[i]); });

    out.rd_desc_ready = mask8(&v.rd_desc_ready_o[0]);
    out.wr_desc_ready = mask8(&v.wr_desc_ready_o[0]);
    out.ws_ready = mask8(&v.ws_ready_o[0]);
    out.rd_sts_valid = mask8(&v.rd_sts_valid_o[0]);
    out.wr_sts_valid = mask8(&v.wr_sts_valid_o[0]);
    out.rs_valid = mask8(&v.rs_valid_o[0]);
    each_bit(out.rd_sts_valid, [&](unsigned i) { get(out.rd_sts[i], v.rd_sts_o[i]); });
    each_bit(out.wr_sts_valid, [&](unsigned i) { get(out.wr_sts[i], v.wr_sts_o[i]); });
    each_bit(out.rs_valid, [&](unsigned i) { get(out.rs[i], v.rs_o[i]); });

    out.idle_m = mask8(&v.idle_m_o[0]);
    out.idle_f = mask_n(&v.idle_f_o[0], F);
    out.idle_reg = v.idle_reg_o != 0;
    out.tzcint = v.tzcint_o != 0;
    out.apb_ready = v.pready_o != 0;
    out.apb_slverr = v.pslverr_o != 0;
    out.apb_rdata = v.prdata_o;
}

inline std::uint16_t fired(const Handshake& channel) { return channel.valid & channel.ready; }

/// Counts handshakes by port and channel, in the order AR, AW, W, R, B.
inline void count(const Outputs& out, std::array<std::array<std::uint64_t, 5>, 16>& pins) {
    each_bit(fired(out.ar), [&](unsigned i) { ++pins[i][0]; });
    each_bit(fired(out.aw), [&](unsigned i) { ++pins[i][1]; });
    each_bit(fired(out.w), [&](unsigned i) { ++pins[i][2]; });
    each_bit(fired(out.r), [&](unsigned i) { ++pins[i][3]; });
    each_bit(fired(out.b), [&](unsigned i) { ++pins[i][4]; });
}

template <typename T>
void mix_payload(std::uint64_t& hash, const T& payload) {
    std::uint64_t words[(sizeof(T) + 7) / 8] = {};
    std::memcpy(words, &payload, sizeof(T));
    for (const std::uint64_t word : words) mix(hash, word);
}

/// Mixes a cycle's handshakes and the payloads that moved into the rolling hash.
inline void hash(const Outputs& out, std::uint64_t& hash) {
    const Handshake channels[] = {out.ar, out.aw, out.w, out.r, out.b};
    for (const Handshake& c : channels) mix(hash, std::uint64_t{c.valid} << 16 | c.ready);
    each_bit(fired(out.ar), [&](unsigned i) { mix_payload(hash, out.port[i].ar); });
    each_bit(fired(out.aw), [&](unsigned i) { mix_payload(hash, out.port[i].aw); });
    each_bit(fired(out.w), [&](unsigned i) { mix_payload(hash, out.port[i].w); });
    each_bit(fired(out.r), [&](unsigned i) { mix_payload(hash, out.port[i].r); });
    each_bit(fired(out.b), [&](unsigned i) { mix_payload(hash, out.port[i].b); });
}

}  // namespace ringfence
