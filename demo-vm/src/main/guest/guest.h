/* What the host and the guest programs share. GuestProgramLayout, GuestClockLayout and GuestPorts
 * in io.faultline.demo.kvm mirror this file. */
#ifndef FAULTLINE_GUEST_H
#define FAULTLINE_GUEST_H

#include <stdint.h>

/* A byte for the console. */
#define PORT_CONSOLE 0x3f8
/* Written when a vCPU has done all its operations; it may be entered again with a higher target. */
#define PORT_DONE 0x501

/* RAM starts here; offsets in registers and programs count from it. */
#define RAM_BASE (4ull << 30)

/* Bits of the accumulator that choose whether an operation writes. */
#define CHOICE_BITS 53

enum workload { SEQUENTIAL, UNIFORM, ZIPF, POINTER_CHASE };

/* What a vCPU runs: in read-only memory, one for each vCPU. */
struct program {
  uint64_t workload;
  uint64_t slice_start;
  uint64_t slice_end;
  uint64_t slice_pages;
  uint64_t page_shift;
  /* A line on the console every 2^tick_shift operations; 64 for never. */
  uint64_t tick_shift;
  /* A gap between two operations that is longer counts as a page fault, in ticks of the TSC. */
  uint64_t fault_tsc;
  /* An operation writes where 53 bits of the mixed accumulator are below; 2^53 for always. */
  uint64_t write_threshold;
  uint64_t zipf_bins;
  uint64_t zipf_stride;
  const uint64_t *zipf_first_rank;
  const double *zipf_threshold;
  const uint64_t *zipf_alias;
};

/* Gaps by size: 16 steps for each power of two, from 2^FIRST_POWER on. */
#define FIRST_POWER 12
#define POWERS 29
#define STEPS 16

/* What a vCPU sees of time, in ticks of the TSC: in memory of its own, and no part of what it
 * computes. */
struct clock {
  uint64_t operations;
  uint64_t longest_gap;
  /* Times that the TSC was behind what it was before. */
  uint64_t backwards;
  /* Machines that it came to, and the gap between the last operation before and the first after. */
  uint64_t arrivals;
  uint64_t arrival_gap;
  /* Since it came to this machine. */
  uint64_t faults;
  uint64_t blocked;
  uint64_t gaps[POWERS * STEPS];
};

#endif
