package io.faultline.demo.kvm.linux;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code struct kvm_cpuid_entry2} (asm/kvm.h): the result of the CPUID instruction for one leaf and
 * subleaf. {@code struct kvm_cpuid2} is the number of entries and padding, then the entries.
 *
 * <pre>
 *  0          4       8       12    16    20    24    28         40
 *  +----------+-------+-------+-----+-----+-----+-----+----------+
 *  | function | index | flags | eax | ebx | ecx | edx | padding  |
 *  +----------+-------+-------+-----+-----+-----+-----+----------+
 * </pre>
 */
public record CpuidEntry(int function, int index, int flags, int eax, int ebx, int ecx, int edx) {
  static final int SIZE = 40;
  static final int HEADER_BYTES = 8;

  /** A copy with another value of EBX. */
  public CpuidEntry withEbx(int newEbx) {
    return new CpuidEntry(function, index, flags, eax, newEbx, ecx, edx);
  }

  /** See {@link #withEbx}. */
  public CpuidEntry withEcx(int newEcx) {
    return new CpuidEntry(function, index, flags, eax, ebx, newEcx, edx);
  }

  /** See {@link #withEbx}. */
  public CpuidEntry withEdx(int newEdx) {
    return new CpuidEntry(function, index, flags, eax, ebx, ecx, newEdx);
  }

  static byte[] encode(List<CpuidEntry> entries) {
    byte[] bytes = new byte[HEADER_BYTES + entries.size() * SIZE];
    StateBytes.setInt(bytes, 0, entries.size());
    int at = HEADER_BYTES;
    for (CpuidEntry entry : entries) {
      int[] fields = {
        entry.function, entry.index, entry.flags, entry.eax, entry.ebx, entry.ecx, entry.edx
      };
      for (int i = 0; i < fields.length; i++) {
        StateBytes.setInt(bytes, at + i * Integer.BYTES, fields[i]);
      }
      at += SIZE;
    }
    return bytes;
  }

  static List<CpuidEntry> decode(byte[] bytes) {
    List<CpuidEntry> entries = new ArrayList<>();
    int count = StateBytes.getInt(bytes, 0);
    for (int n = 0; n < count; n++) {
      int[] fields = new int[7];
      for (int i = 0; i < fields.length; i++) {
        fields[i] = StateBytes.getInt(bytes, HEADER_BYTES + n * SIZE + i * Integer.BYTES);
      }
      entries.add(
          new CpuidEntry(
              fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]));
    }
    return List.copyOf(entries);
  }

  static byte[] room(int entries) {
    byte[] bytes = new byte[HEADER_BYTES + entries * SIZE];
    StateBytes.setInt(bytes, 0, entries);
    return bytes;
  }
}
