package io.faultline.demo.kvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.demo.simulated.GuestMemory;
import io.faultline.demo.simulated.VcpuProgram;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.simulated.ZipfTable;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The contents of read-only memory: {@code struct program} (guest.h) for each vCPU, then the tables
 * of the zipf workload.
 *
 * <pre>
 *  0          8             16          24            32           40
 *  +----------+-------------+-----------+-------------+------------+------------+
 *  | workload | slice_start | slice_end | slice_pages | page_shift | tick_shift |
 *  +----------+-------------+-----------+-------------+------------+------------+
 *  48          56                64          72            80           88          96      104
 *  +-----------+-----------------+-----------+-------------+------------+-----------+-------+
 *  | fault_tsc | write_threshold | zipf_bins | zipf_stride | first_rank | threshold | alias |
 *  +-----------+-----------------+-----------+-------------+------------+-----------+-------+
 * </pre>
 */
final class GuestRom {
  private static final long PROGRAM_BYTES = 104;
  private static final int WORDS = 13;
  private static final int FIRST_RANK = 10;
  private static final int THRESHOLD = 11;
  private static final int ALIAS = 12;

  static {
    assert WORDS * Long.BYTES == PROGRAM_BYTES;
  }

  private final KvmVmConfig config;
  private final List<VcpuProgram> programs;

  GuestRom(KvmVmConfig config, GuestMemory memory) {
    this.config = config;
    this.programs =
        IntStream.range(0, config.programs().vcpus()).mapToObj(memory::program).toList();
  }

  VcpuProgram program(int vcpu) {
    return programs.get(vcpu);
  }

  /** The guest address of a vCPU's {@code struct program}. */
  static long address(int vcpu) {
    return GuestLayout.ROM + vcpu * PROGRAM_BYTES;
  }

  /** The size of the contents. */
  long bytes() {
    long words = 0;
    for (VcpuProgram program : programs) {
      words += WORDS + program.zipf().map(table -> 3L * table.bins() + 1).orElse(0L);
    }
    return words * Long.BYTES;
  }

  /**
   * Writes the contents.
   *
   * @param faultTsc a gap of more TSC ticks counts as a page fault
   */
  void write(MemorySegment rom, long faultTsc) {
    long tables = programs.size() * PROGRAM_BYTES;
    for (int vcpu = 0; vcpu < programs.size(); vcpu++) {
      VcpuProgram program = programs.get(vcpu);
      ZipfTable zipf = program.zipf().orElse(null);
      long[] words = {
        workload(),
        program.startBytes(),
        program.endBytes(),
        program.pages(),
        Long.numberOfTrailingZeros(program.pageBytes()),
        vcpu == 0 ? config.tickShift() : KvmVmConfig.NO_TICKS,
        faultTsc,
        program.writeThreshold(),
        zipf == null ? 0 : zipf.bins(),
        zipf == null ? 0 : zipf.stride(),
        0,
        0,
        0
      };
      if (zipf != null) {
        words[FIRST_RANK] = GuestLayout.ROM + tables;
        words[THRESHOLD] = words[FIRST_RANK] + (zipf.bins() + 1L) * Long.BYTES;
        words[ALIAS] = words[THRESHOLD] + (long) zipf.bins() * Long.BYTES;
        tables = writeTable(rom, tables, zipf);
      }
      MemorySegment.copy(words, 0, rom, JAVA_LONG, vcpu * PROGRAM_BYTES, words.length);
    }
  }

  /** Returns the end of the table. */
  private static long writeTable(MemorySegment rom, long start, ZipfTable zipf) {
    long at = start;
    for (int bin = 0; bin <= zipf.bins(); bin++, at += Long.BYTES) {
      rom.set(JAVA_LONG, at, zipf.firstRank(bin));
    }
    for (int bin = 0; bin < zipf.bins(); bin++, at += Long.BYTES) {
      rom.set(JAVA_DOUBLE, at, zipf.threshold(bin));
    }
    for (int bin = 0; bin < zipf.bins(); bin++, at += Long.BYTES) {
      rom.set(JAVA_LONG, at, zipf.alias(bin));
    }
    return at;
  }

  /** The value in {@code enum workload} (guest.h). */
  private long workload() {
    Workload workload = config.programs().workload();
    return switch (workload) {
      case SEQUENTIAL -> 0;
      case UNIFORM -> 1;
      case ZIPF -> 2;
      case POINTER_CHASE -> 3;
    };
  }
}
