package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * The statistics of a VM, read from the file of KVM_GET_STATS_FD (Documentation/virt/kvm/api.rst,
 * 4.133; linux/kvm.h). Needs neither privileges nor debugfs.
 *
 * <pre>
 *  kvm_stats_header:  0       4           8          12          16            20            24
 *                     +-------+-----------+----------+-----------+-------------+-------------+
 *                     | flags | name_size | num_desc | id_offset | desc_offset | data_offset |
 *                     +-------+-----------+----------+-----------+-------------+-------------+
 *  kvm_stats_desc:    0       4          6      8        12            16
 *                     +-------+----------+------+--------+-------------+-------------------+
 *                     | flags | exponent | size | offset | bucket_size | name[name_size]   |
 *                     +-------+----------+------+--------+-------------+-------------------+
 *  data:              size values of u64 at data_offset + offset
 * </pre>
 */
final class MachineStatistics {
  static final long GET_STATS_FD = 0xaeceL;

  private static final long HEADER_BYTES = 24;
  private static final long NAME_BYTES = 4;
  private static final long DESCRIPTORS = 8;
  private static final long DESCRIPTOR_OFFSET = 16;
  private static final long DATA_OFFSET = 20;

  private static final long DESCRIPTOR_BYTES = 16;
  private static final long SIZE = 6;
  private static final long OFFSET = 8;

  private MachineStatistics() {}

  /** All statistics that are a single value, by name. */
  static Map<String, Long> read(Fd machine) {
    Fd file = new Fd(machine.call("KVM_GET_STATS_FD", GET_STATS_FD, 0));
    try (Arena arena = Arena.ofConfined()) {
      return read(file, arena);
    } finally {
      file.close();
    }
  }

  private static Map<String, Long> read(Fd file, Arena arena) {
    MemorySegment header = bytes(file, arena, 0, HEADER_BYTES);
    long stride = DESCRIPTOR_BYTES + header.get(JAVA_INT, NAME_BYTES);
    int count = header.get(JAVA_INT, DESCRIPTORS);
    long data = header.get(JAVA_INT, DATA_OFFSET);
    MemorySegment descriptors =
        bytes(file, arena, header.get(JAVA_INT, DESCRIPTOR_OFFSET), count * stride);
    Map<String, Long> values = new HashMap<>();
    for (int i = 0; i < count; i++) {
      MemorySegment descriptor = descriptors.asSlice(i * stride, stride);
      if (descriptor.get(JAVA_SHORT, SIZE) == 1) {
        long at = data + Integer.toUnsignedLong(descriptor.get(JAVA_INT, OFFSET));
        values.put(
            descriptor.getString(DESCRIPTOR_BYTES),
            bytes(file, arena, at, Long.BYTES).get(JAVA_LONG, 0));
      }
    }
    return values;
  }

  private static MemorySegment bytes(Fd file, Arena arena, long offset, long length) {
    MemorySegment into = arena.allocate(JAVA_BYTE.byteSize() * length, Long.BYTES);
    long count = Libc.pread(file.number(), into.address(), length, offset);
    if (count < 0) {
      throw new SystemCallException("pread(KVM statistics)", (int) -count);
    }
    if (count != length) {
      throw new IllegalStateException(
          "KVM statistics are truncated: " + count + " of " + length + " bytes at " + offset);
    }
    return into;
  }
}
