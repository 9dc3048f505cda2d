// Every synthesizable file, a path a line, relative to this folder. Files of a level depend only on
// files of the levels above; alphabetical inside a level. Build, lint and proofs read this list.

// Level 0: packages, and modules without parts
common/fifo.sv
common/rr_arbiter.sv
common/slice_ctrl.sv
dma/dma_pkg.sv
fabric/fabric_ids.sv
tzasc/tzasc_fail_log.sv
tzasc/tzasc_issue.sv
tzasc/tzasc_lowest.sv
tzasc/tzasc_match.sv
tzasc/tzasc_pkg.sv
tzasc/tzasc_share.sv

// Level 1
common/skid_buffer.sv
dma/dma_desc.sv
fabric/fabric_addr.sv
fabric/fabric_merge.sv
tzasc/tzasc_check.sv
tzasc/tzasc_ext.sv
tzasc/tzasc_pick.sv
tzasc/tzasc_read_table.sv
tzasc/tzasc_regions.sv
tzasc/tzasc_write_data.sv
tzasc/tzasc_write_table.sv

// Level 2
dma/dma_read.sv
dma/dma_write.sv
fabric/fabric_filter.sv
fabric/fabric_master.sv
tzasc/tzasc_read_deny.sv
tzasc/tzasc_regs.sv
tzasc/tzasc_write_deny.sv

// Level 3
dma/dma_master.sv
fabric/fabric.sv
tzasc/tzasc_read.sv
tzasc/tzasc_write.sv

// Level 4
tzasc/tzasc_filter.sv

// Level 5
tzasc/tzasc.sv
