package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * One VM of KVM.
 *
 * <p>Thread-safe, except for closing. The dirty log of a slot is confined to one thread.
 */
public final class KvmMachine implements AutoCloseable {
  private static final long CREATE_VCPU = 0xae41L;
  private static final long ENABLE_CAP = 0x4068aea3L;
  private static final long SET_CLOCK = 0x4030ae7bL;
  private static final long GET_CLOCK = 0x8030ae7cL;

  /** {@code struct kvm_enable_cap}: cap u32 @0, flags u32 @4, args u64[4] @8, padding. */
  private static final long ENABLE_CAP_BYTES = 104;

  private static final long ENABLE_CAP_ARGUMENT = 8;

  /** {@code struct kvm_clock_data}: clock u64 @0, flags u32 @8, realtime @16, host_tsc @24. */
  private static final long CLOCK_DATA_BYTES = 48;

  static {
    assert (ENABLE_CAP >> 16 & 0x3fff) == ENABLE_CAP_BYTES;
    assert (GET_CLOCK >> 16 & 0x3fff) == CLOCK_DATA_BYTES;
  }

  private final Fd fd;
  private final int runPageBytes;
  private final int xsaveBytes;

  KvmMachine(Fd fd, int runPageBytes, int xsaveBytes) {
    this.fd = fd;
    this.runPageBytes = runPageBytes;
    this.xsaveBytes = xsaveBytes;
  }

  /** Switches an extension on. */
  public void enable(Capability capability, long argument) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment enable = arena.allocate(ENABLE_CAP_BYTES, Long.BYTES);
      enable.set(JAVA_INT, 0, capability.number());
      enable.set(JAVA_LONG, ENABLE_CAP_ARGUMENT, argument);
      fd.call("KVM_ENABLE_CAP(" + capability + ")", ENABLE_CAP, enable.address());
    }
  }

  /** Adds a memory slot, or changes whether writes to it are logged. */
  public void setMemory(MemorySlot slot, boolean logDirtyPages) {
    try (Arena arena = Arena.ofConfined()) {
      fd.call(
          "KVM_SET_USER_MEMORY_REGION(" + slot + ")",
          MemorySlot.SET_USER_MEMORY_REGION,
          slot.encode(arena, logDirtyPages).address());
    }
  }

  /** The dirty log of a slot whose writes are logged, with manual protection enabled. */
  public SlotDirtyLog dirtyLog(MemorySlot slot) {
    return new SlotDirtyLog(fd, slot);
  }

  /** Its statistics by name; needs {@link Capability#BINARY_STATS_FD}. */
  public Map<String, Long> statistics() {
    return MachineStatistics.read(fd);
  }

  /** Creates a vCPU. */
  public KvmVcpu createVcpu(int number) {
    Fd vcpu = new Fd(fd.call("KVM_CREATE_VCPU(" + number + ")", CREATE_VCPU, number));
    try {
      return new KvmVcpu(vcpu, RunPage.map(vcpu, runPageBytes), xsaveBytes);
    } catch (RuntimeException e) {
      vcpu.close();
      throw e;
    }
  }

  /** The paravirtual clock (kvmclock), in nanoseconds. */
  public long clockNanos() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(CLOCK_DATA_BYTES, Long.BYTES);
      fd.call("KVM_GET_CLOCK", GET_CLOCK, data.address());
      return data.get(JAVA_LONG, 0);
    }
  }

  /** See {@link #clockNanos}. */
  public void setClockNanos(long nanos) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(CLOCK_DATA_BYTES, Long.BYTES);
      data.set(JAVA_LONG, 0, nanos);
      fd.call("KVM_SET_CLOCK", SET_CLOCK, data.address());
    }
  }

  /** After its vCPUs were closed. Its memory stays mapped in this process. */
  @Override
  public void close() {
    fd.close();
  }
}
