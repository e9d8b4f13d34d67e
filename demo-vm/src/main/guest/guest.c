/*
 * The guest programs: the operations of io.faultline.demo.simulated.Registers and its address
 * sequences, bit for bit, at CPL 3.
 *
 * The program's state is in reserved registers, so the host can read it from the registers of a
 * vCPU. The accumulator is in xmm15, so that the result is wrong if vector registers are lost; rbp
 * has a copy, which the host initializes.
 */
#include "guest.h"

register uint64_t operations __asm__("rbx");
register uint64_t accumulator_copy __asm__("rbp");
register uint64_t random_state __asm__("r12");
register uint64_t value __asm__("r13");
register uint64_t address __asm__("r14");
/* Stop after so many operations. The host sets bit 63 when the VM has arrived on a new machine. */
register int64_t target_of_host __asm__("r15");

#define GOLDEN 0x9e3779b97f4a7c15ull

static inline uint64_t accumulator(void) {
  uint64_t word;
  __asm__ volatile("movq %%xmm15, %0" : "=r"(word));
  return word;
}

static inline void set_accumulator(uint64_t word) {
  __asm__ volatile("movq %0, %%xmm15" : : "r"(word));
  accumulator_copy = word;
}

/* The host may change the target between any two instructions. So it is read in one instruction,
 * and its bit is cleared in one instruction: an older value never overwrites the host's. */
static inline int64_t read_target(void) {
  int64_t word;
  __asm__ volatile("movq %%r15, %0" : "=r"(word));
  return word;
}

static inline void clear_arrived(void) {
  __asm__ volatile("btrq $63, %%r15" : : : "cc");
}

static inline uint64_t tsc(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
  return (uint64_t)high << 32 | low;
}

static inline void out(uint16_t port, uint8_t byte) {
  __asm__ volatile("outb %0, %1" : : "a"(byte), "Nd"(port) : "memory");
}

static inline uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

static inline uint64_t below(uint64_t random, uint64_t bound) {
  return (unsigned __int128)random * bound >> 64;
}

static inline uint64_t next_random(void) {
  random_state += GOLDEN;
  return mix(random_state);
}

static inline uint64_t word_of_page(const struct program *program, uint64_t page) {
  uint64_t word = accumulator() >> 24 & ((1ull << program->page_shift) - 8);
  return program->slice_start + (page << program->page_shift) + word;
}

static uint64_t zipf_rank(const struct program *program) {
  uint64_t bin_random = next_random();
  uint64_t rank_random = next_random();
  uint64_t bin = below(bin_random, program->zipf_bins);
  double fraction = (double)(int64_t)(bin_random * program->zipf_bins >> 11) * 0x1.0p-53;
  if (!(fraction < program->zipf_threshold[bin])) {
    bin = program->zipf_alias[bin];
  }
  uint64_t first = program->zipf_first_rank[bin];
  return first + below(rank_random, program->zipf_first_rank[bin + 1] - first);
}

static uint64_t next_address(const struct program *program) {
  switch (program->workload) {
    case SEQUENTIAL: {
      uint64_t next = address + 64;
      return next < program->slice_end ? next : program->slice_start + (next + 8 & 63);
    }
    case UNIFORM:
      return word_of_page(program, below(next_random(), program->slice_pages));
    case ZIPF:
      return word_of_page(
          program, zipf_rank(program) * program->zipf_stride % program->slice_pages);
    default: {
      uint64_t pointer = mix(value ^ accumulator());
      uint64_t words = (program->slice_end - program->slice_start) >> 3;
      return program->slice_start + (below(pointer, words) << 3);
    }
  }
}

/* As WriteChoice.writes: the constant makes it independent of the addresses of POINTER_CHASE. */
static inline int writes(const struct program *program, uint64_t mixed) {
  uint64_t threshold = program->write_threshold;
  return threshold == 1ull << CHOICE_BITS || mix(mixed + GOLDEN) >> 64 - CHOICE_BITS < threshold;
}

static inline void step(const struct program *program) {
  volatile uint64_t *word = (volatile uint64_t *)(RAM_BASE + address);
  uint64_t read = *word;
  uint64_t mixed = accumulator() ^ read;
  mixed = (mixed << 23 | mixed >> 41) * GOLDEN + operations;
  set_accumulator(mixed);
  if (writes(program, mixed)) {
    *word = mixed ^ mixed >> 29;
  }
  value = read;
  operations++;
  address = next_address(program);
}

static void print_tick(uint64_t number) {
  char text[32];
  char *at = text + sizeof text;
  *--at = '\n';
  do {
    *--at = '0' + number % 10;
    number /= 10;
  } while (number);
  for (const char *c = "tick "; *c; c++) {
    out(PORT_CONSOLE, *c);
  }
  while (at < text + sizeof text) {
    out(PORT_CONSOLE, *at++);
  }
}

static void count_fault(struct clock *clock, uint64_t gap) {
  clock->faults++;
  clock->blocked += gap;
  int power = 63 - __builtin_clzll(gap);
  if (power < FIRST_POWER) {
    power = FIRST_POWER;
  }
  uint64_t index = (power - FIRST_POWER) * STEPS + (gap >> (power - 4) & (STEPS - 1));
  clock->gaps[index < POWERS * STEPS ? index : POWERS * STEPS - 1]++;
}

static void arrive(struct clock *clock, uint64_t last_gap) {
  clear_arrived();
  clock->faults = 0;
  clock->blocked = 0;
  for (int i = 0; i < POWERS * STEPS; i++) {
    ((volatile uint64_t *)clock->gaps)[i] = 0;
  }
  clock->arrival_gap = last_gap;
}

static void note_gap(const struct program *program, struct clock *clock, uint64_t gap) {
  if ((int64_t)gap < 0) {
    clock->backwards++;
    return;
  }
  if (gap > clock->longest_gap) {
    clock->longest_gap = gap;
  }
  if (gap > program->fault_tsc) {
    count_fault(clock, gap);
  }
}

/* Called once, at power-on; never returns. */
void run(const struct program *program, struct clock *clock) {
  uint64_t tick_mask = program->tick_shift < 64 ? (1ull << program->tick_shift) - 1 : ~0ull;
  uint64_t arriving = 0;
  uint64_t gap = 0;
  uint64_t last = tsc();
  for (;;) {
    for (int64_t target; (int64_t)operations >= (target = read_target());) {
      if (target < 0) {
        /* The switchover is in the gap of the last operation or in that of the next one. */
        arrive(clock, gap);
        arriving = operations + 1;
      } else {
        if (arriving) {
          arriving = 0;
          clock->arrivals++;
        }
        out(PORT_DONE, 0);
        last = tsc();
      }
    }
    step(program);
    uint64_t now = tsc();
    gap = now - last;
    last = now;
    if (__builtin_expect(gap > program->fault_tsc, 0)) {
      note_gap(program, clock, gap);
    }
    if (__builtin_expect(arriving, 0)) {
      arriving = 0;
      if ((int64_t)gap > (int64_t)clock->arrival_gap) {
        clock->arrival_gap = gap;
      }
      clock->arrivals++;
    }
    clock->operations = operations;
    if (__builtin_expect((operations & tick_mask) == 0, 0)) {
      print_tick(operations >> program->tick_shift);
      now = tsc();
      if (now - last > clock->longest_gap) {
        clock->longest_gap = now - last;
      }
      gap = now - last;
      last = now;
    }
  }
}
