package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/** Helpers for the descriptors of kernel structures. */
final class Layouts {
  private static final int IOC_SIZE_SHIFT = 16;
  private static final int IOC_SIZE_MASK = 0x3fff;

  private Layouts() {}

  /** A structure of 64-bit fields only, like most structures of userfaultfd. */
  static StructLayout longs(String... names) {
    MemoryLayout[] members = new MemoryLayout[names.length];
    for (int i = 0; i < names.length; i++) {
      members[i] = JAVA_LONG.withName(names[i]);
    }
    return MemoryLayout.structLayout(members);
  }

  /** The offset of a field, in bytes. */
  static long offset(StructLayout layout, String field) {
    return layout.byteOffset(PathElement.groupElement(field));
  }

  /** Checks a layout against the size encoded in the kernel's ioctl number (_IOC_SIZE). */
  static void checkIoctlSize(StructLayout layout, long ioctl) {
    long size = (ioctl >> IOC_SIZE_SHIFT) & IOC_SIZE_MASK;
    check(layout.byteSize() == size, layout + " must have the " + size + " bytes of its ioctl");
  }

  static void check(boolean holds, String message) {
    if (!holds) {
      throw new AssertionError(message);
    }
  }
}
