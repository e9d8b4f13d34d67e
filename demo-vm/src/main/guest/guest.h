/* The interface between the host and the guest programs. GuestRom, GuestClock, GuestConsole and
 * Vcpu in io.faultline.demo.kvm mirror this file. */
#ifndef FAULTLINE_GUEST_H
#define FAULTLINE_GUEST_H

#include <stdint.h>

/* Takes a byte for the console. */
#define PORT_CONSOLE 0x3f8
/* Written when a vCPU has reached its target; the host may enter it again with a higher target. */
#define PORT_DONE 0x501

/* The start of RAM. Addresses in registers and programs are offsets from it. */
#define RAM_BASE (4ull << 30)

/* Bits of the accumulator that choose whether an operation writes. */
#define CHOICE_BITS 53

enum workload { SEQUENTIAL, UNIFORM, ZIPF, POINTER_CHASE };

/* The program of a vCPU, in read-only memory. */
struct program {
  uint64_t workload;
  uint64_t slice_start;
  uint64_t slice_end;
  uint64_t slice_pages;
  uint64_t page_shift;
  /* Write a line to the console every 2^tick_shift operations; 64 for never. */
  uint64_t tick_shift;
  /* A longer gap between two operations counts as a page fault; in TSC ticks. */
  uint64_t fault_tsc;
  /* An operation writes if 53 bits of the mixed accumulator are below; 2^53 for always. */
  uint64_t write_threshold;
  uint64_t zipf_bins;
  uint64_t zipf_stride;
  const uint64_t *zipf_first_rank;
  const double *zipf_threshold;
  const uint64_t *zipf_alias;
};

/* Buckets of gaps: 16 steps per power of two, starting at 2^FIRST_POWER. */
#define FIRST_POWER 12
#define POWERS 29
#define STEPS 16

/* A vCPU's measurements of time, in TSC ticks. They are in the vCPU's scratch area, and do not
 * affect its result. */
struct clock {
  uint64_t operations;
  uint64_t longest_gap;
  /* How often the TSC went backwards. */
  uint64_t backwards;
  /* Migrations, and the gap around the last one: from the last operation before to the first after. */
  uint64_t arrivals;
  uint64_t arrival_gap;
  /* Since the last migration. */
  uint64_t faults;
  uint64_t blocked;
  uint64_t gaps[POWERS * STEPS];
};

#endif
