package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The model-specific registers of a vCPU: {@code struct kvm_msrs} (asm/kvm.h).
 *
 * <pre>
 *  0       4         8       12         16       24
 *  +-------+---------+-------+----------+--------+-----
 *  | nmsrs | padding | index | reserved | data   | ...   entries of 16 bytes
 *  +-------+---------+-------+----------+--------+-----
 * </pre>
 *
 * The kernel accepts many registers in one call, stops at the first that it refuses, and returns
 * how many it processed.
 */
public final class VcpuMsrs {
  private static final long GET_MSRS = 0xc008ae88L;
  private static final long SET_MSRS = 0x4008ae89L;
  private static final long HEADER_BYTES = 8;
  private static final long ENTRY_BYTES = 16;
  private static final long DATA = 8;

  /** MAX_IO_MSRS of the kernel. */
  private static final int MAX_ENTRIES = 256;

  private final Fd vcpu;

  VcpuMsrs(Fd vcpu) {
    this.vcpu = vcpu;
  }

  /** The values of registers, in the order given, without those that this vCPU lacks. */
  public Map<Integer, Long> get(Collection<Integer> indices) {
    List<Integer> all = List.copyOf(indices);
    Map<Integer, Long> values = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argument = argument(arena);
      for (int at = 0; at < all.size(); ) {
        List<Integer> some = all.subList(at, Math.min(at + MAX_ENTRIES, all.size()));
        for (int n = 0; n < some.size(); n++) {
          setEntry(argument, n, some.get(n), 0);
        }
        int done = call("KVM_GET_MSRS", GET_MSRS, argument, some.size());
        for (int n = 0; n < done; n++) {
          values.put(some.get(n), argument.get(JAVA_LONG, entry(n) + DATA));
        }
        at += done < some.size() ? done + 1 : done;
      }
    }
    return values;
  }

  /**
   * Sets registers, in the order given.
   *
   * @return those that this vCPU refused
   */
  public List<Integer> set(Map<Integer, Long> values) {
    List<Map.Entry<Integer, Long>> all = List.copyOf(values.entrySet());
    List<Integer> refused = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argument = argument(arena);
      for (int at = 0; at < all.size(); ) {
        List<Map.Entry<Integer, Long>> some =
            all.subList(at, Math.min(at + MAX_ENTRIES, all.size()));
        for (int n = 0; n < some.size(); n++) {
          setEntry(argument, n, some.get(n).getKey(), some.get(n).getValue());
        }
        int done = call("KVM_SET_MSRS", SET_MSRS, argument, some.size());
        if (done < some.size()) {
          refused.add(some.get(done).getKey());
        }
        at += done < some.size() ? done + 1 : done;
      }
    }
    return refused;
  }

  private int call(String name, long ioctl, MemorySegment argument, int count) {
    argument.set(JAVA_INT, 0, count);
    return vcpu.call(name, ioctl, argument.address());
  }

  private static MemorySegment argument(Arena arena) {
    return arena.allocate(entry(MAX_ENTRIES), Long.BYTES);
  }

  private static void setEntry(MemorySegment argument, int n, int index, long value) {
    argument.set(JAVA_INT, entry(n), index);
    argument.set(JAVA_LONG, entry(n) + DATA, value);
  }

  private static long entry(int n) {
    return HEADER_BYTES + n * ENTRY_BYTES;
  }
}
