// SPDX-License-Identifier: Apache-2.0
//! A driver in C (`examples/c/tzc400.c`) against the RTL, through the C interface.
mod calls;
mod clients;
mod interface;
mod sequences;
