// SPDX-License-Identifier: Apache-2.0
// How the boundary types lie in memory, and the moves between them and a model's ports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "ringfence-sim/src/bridge.rs.h"

namespace ringfence {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "payloads are moved as bytes");
static_assert(sizeof(Ax) == 16 && offsetof(Ax, id) == 8 && offsetof(Ax, nsaid) == 14);
static_assert(sizeof(W) == 24 && offsetof(W, strb) == 16 && offsetof(W, last) == 18);
static_assert(sizeof(R) == 24 && offsetof(R, id) == 16 && offsetof(R, last) == 18);
static_assert(sizeof(B) == 2 && offsetof(B, resp) == 1);
static_assert(sizeof(Desc) == 24 && offsetof(Desc, len) == 8 && offsetof(Desc, stride) == 12);
static_assert(offsetof(Desc, rows) == 16 && offsetof(Desc, tag) == 18 && offsetof(Desc, burst) == 20);
static_assert(offsetof(Desc, stream) == 22 && offsetof(Desc, stop_on_error) == 23);
static_assert(sizeof(Status) == 16 && offsetof(Status, tag) == 8 && offsetof(Status, resp) == 11);
static_assert(sizeof(ReadBeat) == 16 && offsetof(ReadBeat, tag) == 8);
static_assert(offsetof(ReadBeat, resp) == 10);

/// Copies a payload to a port if it differs; says whether it did.
template <typename Port, typename T>
inline bool put(Port& port, const T& value) {
    static_assert(sizeof(Port) == sizeof(T));
    if (std::memcmp(&port, &value, sizeof(T)) == 0) return false;
    std::memcpy(&port, &value, sizeof(T));
    return true;
}

/// Copies a payload from a port.
template <typename T, typename Port>
inline void get(T& value, const Port& port) {
    static_assert(sizeof(Port) == sizeof(T));
    std::memcpy(&value, &port, sizeof(T));
}

/// Eight one-bit ports as a mask.
inline std::uint8_t mask8(const std::uint8_t* bits) {
    std::uint64_t word;
    std::memcpy(&word, bits, sizeof word);
    return static_cast<std::uint8_t>((word * 0x0102040810204080ULL) >> 56);
}

/// Sixteen one-bit ports as a mask.
inline std::uint16_t mask16(const std::uint8_t* bits) {
#if defined(__SSE2__)
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bits));
    return static_cast<std::uint16_t>(_mm_movemask_epi8(_mm_slli_epi16(bytes, 7)));
#else
    return static_cast<std::uint16_t>(mask8(bits) | mask8(bits + 8) << 8);
#endif
}

/// `count` one-bit ports as a mask.
inline std::uint8_t mask_n(const std::uint8_t* bits, unsigned count) {
    std::uint8_t mask = 0;
    for (unsigned i = 0; i < count; ++i) mask |= static_cast<std::uint8_t>(bits[i] << i);
    return mask;
}

/// Calls `visit(index)` for every bit of a mask.
template <typename F>
inline void each_bit(std::uint32_t mask, F visit) {
    for (; mask != 0; mask &= mask - 1) visit(static_cast<unsigned>(__builtin_ctz(mask)));
}

inline std::uint8_t raw_flags(const Raw& raw) {
    return static_cast<std::uint8_t>(raw.ar_valid | raw.aw_valid << 1 | raw.w_valid << 2
                                     | raw.r_ready << 3 | raw.b_ready << 4);
}

inline std::uint8_t mem_flags(const MemIn& mem) {
    return static_cast<std::uint8_t>(mem.ar_ready | mem.aw_ready << 1 | mem.w_ready << 2
                                     | mem.r_valid << 3 | mem.b_valid << 4);
}

inline std::uint64_t apb_word(const ApbIn& apb) {
    return std::uint64_t{apb.wdata} | std::uint64_t{apb.addr} << 32 | std::uint64_t{apb.sel} << 44
           | std::uint64_t{apb.enable} << 45 | std::uint64_t{apb.write} << 46
           | std::uint64_t{apb.strb} << 47 | std::uint64_t{apb.prot} << 51;
}

inline void mix(std::uint64_t& hash, std::uint64_t word) {
    hash = (((hash << 5) | (hash >> 59)) ^ word) * 0x9e3779b97f4a7c15ULL;
}

}  // namespace ringfence
