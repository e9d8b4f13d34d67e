package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/**
 * The model-specific registers of a vCPU: {@code struct kvm_msrs} with one {@code kvm_msr_entry}
 * (asm/kvm.h). One at a time, since the kernel stops at the first that it refuses.
 *
 * <pre>
 *  0       4         8       12         16       24
 *  +-------+---------+-------+----------+--------+
 *  | nmsrs | padding | index | reserved | data   |
 *  +-------+---------+-------+----------+--------+
 * </pre>
 */
public final class VcpuMsrs {
  private static final long GET_MSRS = 0xc008ae88L;
  private static final long SET_MSRS = 0x4008ae89L;
  private static final long SIZE = 24;
  private static final long INDEX = 8;
  private static final long DATA = 16;

  private final Fd vcpu;

  VcpuMsrs(Fd vcpu) {
    this.vcpu = vcpu;
  }

  /** The value of a register; empty where this vCPU has none of that number. */
  public OptionalLong get(int index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argument = argument(arena, index, 0);
      int done = vcpu.call("KVM_GET_MSRS", GET_MSRS, argument.address());
      return done == 1 ? OptionalLong.of(argument.get(JAVA_LONG, DATA)) : OptionalLong.empty();
    }
  }

  /**
   * Sets a register.
   *
   * @return false where this vCPU refuses it
   */
  public boolean set(int index, long value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argument = argument(arena, index, value);
      return vcpu.call("KVM_SET_MSRS", SET_MSRS, argument.address()) == 1;
    }
  }

  private static MemorySegment argument(Arena arena, int index, long value) {
    MemorySegment argument = arena.allocate(SIZE, Long.BYTES);
    argument.set(JAVA_INT, 0, 1);
    argument.set(JAVA_INT, INDEX, index);
    argument.set(JAVA_LONG, DATA, value);
    return argument;
  }
}
