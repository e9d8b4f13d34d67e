package io.faultline.demo.kvm;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.faultline.demo.simulated.GuestMemory;
import io.faultline.demo.simulated.GuestRegisters;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.uffd.Kernel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The same guest program on the same RAM, packaged as the firmware of a PC, so that another
 * hypervisor can run it: in a comparison both then do the same work. Has one vCPU and fills its RAM
 * itself. If the number of operations is limited, it then waits in a loop, and nothing changes.
 *
 * <pre>
 *  ROM, 64 KiB, seen at 0xf0000, copied to guest-physical 0x10000 at power-on
 *  +0x0000  code of the programs (guest.c), linked for 0x10000
 *  +0x2000  struct program
 *  +0x3000  u64 ram_bytes, fill_key, accumulator, random, value, address, target
 *  +0x4000  PML4, then PDPT, then PDs: one for low memory, one for each GiB of RAM
 *  +0xe000  firmware.S: fills RAM; real-mode entry at +0x200
 *  +0xfff0  reset vector: a jump to the entry
 *
 *  guest-physical memory
 *  0        low memory, 2 MiB: the copy at 0x10000, struct clock at 0x20000, the stack
 *  2 MiB    RAM, which the guest sees at 4 GiB, as in {@link GuestLayout}
 * </pre>
 */
public final class FirmwareGuest {
  /** Where the longest gap between two operations is, a guest-physical address. */
  static final long LONGEST_GAP_ADDRESS = 0x20008;

  /** Memory below RAM. */
  public static final long LOW_BYTES = 2 << 20;

  /** A PC has a hole for devices above it. */
  public static final long MAX_RAM_BYTES = 3L << 30;

  /** Where the guest keeps its {@code struct clock}, a guest-physical address. */
  public static final long CLOCK_ADDRESS = 0x20000;

  /** The size of {@code struct clock}, rounded up to a page. */
  public static final int CLOCK_BYTES = 4096;

  static final long FIRMWARE_BYTES = 0x1ff0;

  private static final int ROM_BYTES = 0x10000;
  private static final int COPY = 0x10000;
  private static final int PROGRAM = 0x2000;
  private static final int CONFIG = 0x3000;
  private static final int PML4 = 0x4000;
  private static final int PDPT = 0x5000;
  private static final int DIRECTORIES = 0x6000;
  private static final int FIRMWARE = 0xe000;
  private static final int RESET = 0xfff0;
  private static final int TABLE_BYTES = 4096;
  private static final long PAGE_BYTES = 2 << 20;
  private static final int ENTRIES = 512;

  /** Bits of {@link PageTables}: present, writable, user, accessed. */
  private static final long TABLE = 0x27;

  /** Additionally dirty and large. */
  private static final long PAGE = 0xe7;

  /** {@code ljmp $0xf000, $0xe200}. */
  private static final byte[] JUMP = {(byte) 0xea, 0x00, (byte) 0xe2, 0x00, (byte) 0xf0};

  private final Kernel kernel;
  private final int tscKhz;
  private final SimulatedVmConfig programs;
  private final MemorySegment rom = MemorySegment.ofArray(new byte[ROM_BYTES]);

  /**
   * @param host whose TSC frequency the guest assumes
   * @throws IllegalArgumentException if the firmware does not support this configuration
   */
  public FirmwareGuest(KvmHost host, SimulatedVmConfig programs) {
    this(host.kernel(), host.profile().tscKhz(), programs);
  }

  /**
   * For a hypervisor without KVM.
   *
   * @param tscKhz the frequency of its TSC; only measurements of time depend on it
   * @throws IllegalArgumentException if the firmware does not support this configuration
   */
  public FirmwareGuest(Kernel kernel, int tscKhz, SimulatedVmConfig programs) {
    if (programs.vcpus() != 1 || programs.workload() == Workload.ZIPF) {
      throw new IllegalArgumentException(
          "the firmware guest has one vCPU and cannot run the zipf workload; it was given "
              + programs.vcpus()
              + " vCPUs and "
              + programs.workload());
    }
    if (programs.ramBytes() > MAX_RAM_BYTES || programs.ramBytes() % PAGE_BYTES != 0) {
      throw new IllegalArgumentException(
          "RAM of " + programs.ramBytes() + " bytes; choose whole pages of 2 MiB, at most 3 GiB");
    }
    this.kernel = kernel;
    this.tscKhz = tscKhz;
    this.programs = programs;
    write();
  }

  /** The firmware. */
  public byte[] rom() {
    return (byte[]) rom.heapBase().orElseThrow();
  }

  /** The memory that the machine needs. */
  public long memoryBytes() {
    return LOW_BYTES + programs.ramBytes();
  }

  /**
   * Decodes the guest's {@code struct clock}.
   *
   * @param bytes {@link #CLOCK_BYTES} from {@link #CLOCK_ADDRESS}
   */
  public FirmwareGuestClock clock(byte[] bytes) {
    return new FirmwareGuestClock(Arrays.copyOf(bytes, CLOCK_BYTES), tscKhz);
  }

  /**
   * The same programs in this process, without a migration, which needs as much memory as the
   * guest: what a guest must equal that waits at its end.
   */
  public ReferenceRun reference() {
    return ReferenceRun.run(kernel, programs, new long[] {programs.opsPerVcpu()});
  }

  private void write() {
    write(GuestImage.load(), 0);
    write(GuestImage.loadFirmware(), FIRMWARE);
    write(JUMP, RESET);
    GuestMemory memory = new GuestMemory(kernel, programs);
    KvmVmConfig silent = KvmVmConfig.of(programs).withTickShift(KvmVmConfig.NO_TICKS);
    GuestRom program = new GuestRom(silent, memory);
    MemorySegment words = MemorySegment.ofArray(new long[(int) program.bytes() / Long.BYTES]);
    program.write(words, KvmHost.faultTicks(tscKhz));
    MemorySegment.copy(words, 0, rom, PROGRAM, words.byteSize());
    writeConfig(memory.fillKey(), program.program(0).initial());
    writeTables();
  }

  private void write(byte[] bytes, int offset) {
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, rom, offset, bytes.length);
  }

  private void writeConfig(long fillKey, GuestRegisters initial) {
    long[] words = {
      programs.ramBytes(),
      fillKey,
      initial.accumulator(),
      initial.random(),
      initial.value(),
      initial.address(),
      programs.opsPerVcpu() == 0 ? Long.MAX_VALUE : programs.opsPerVcpu()
    };
    for (int i = 0; i < words.length; i++) {
      set(CONFIG, i, words[i]);
    }
  }

  private void writeTables() {
    set(PML4, 0, COPY + PDPT + TABLE);
    set(PDPT, 0, COPY + DIRECTORIES + TABLE);
    set(DIRECTORIES, 0, PAGE);
    long pages = programs.ramBytes() / PAGE_BYTES;
    for (int page = 0; page < pages; page++) {
      int directory = DIRECTORIES + TABLE_BYTES * (1 + page / ENTRIES);
      int gibibyte = (int) (GuestLayout.RAM / GuestLayout.GIB) + page / ENTRIES;
      set(PDPT, gibibyte, COPY + directory + TABLE);
      set(directory, page % ENTRIES, (LOW_BYTES + page * PAGE_BYTES) | PAGE);
    }
  }

  private void set(int table, int entry, long value) {
    rom.set(JAVA_LONG_UNALIGNED, table + (long) entry * Long.BYTES, value);
  }
}
