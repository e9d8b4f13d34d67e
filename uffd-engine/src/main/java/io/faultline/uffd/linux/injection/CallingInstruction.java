package io.faultline.uffd.linux.injection;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.MemoryArea;
import io.faultline.uffd.linux.process.MemoryAreas;
import io.faultline.uffd.linux.process.ProcessMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds a system call instruction in the code of a process: in the vDSO, which every program has
 * unless the kernel was started without, else in its libraries.
 */
final class CallingInstruction {
  private static final String VDSO = "[vdso]";
  private static final char EXECUTE = 'x';
  private static final char READ = 'r';
  private static final int EXECUTE_AT = 2;
  private static final int PART_BYTES = 1 << 20;

  private CallingInstruction() {}

  /**
   * Returns the address, or 0 if the process has exited.
   *
   * @throws SystemCallException ENOENT if there is none
   */
  static long find(int pid, ProcessMemory memory, Architecture architecture) {
    List<MemoryArea> areas = executable(pid);
    boolean gone = areas.isEmpty();
    byte[] code = new byte[PART_BYTES];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(PART_BYTES);
      for (MemoryArea area : areas) {
        for (long at = area.start(); at < area.end(); at += PART_BYTES) {
          long read = memory.read(at, Math.min(PART_BYTES, area.end() - at), target.address());
          gone |= read <= 0; // its memory ends before it does
          int length = (int) Math.max(0, read);
          MemorySegment.copy(target, ValueLayout.JAVA_BYTE, 0, code, 0, length);
          int found = architecture.findInstruction(code, length);
          if (found >= 0) {
            return at + found;
          }
        }
      }
    }
    if (gone) {
      return 0;
    }
    throw new SystemCallException(
        "system call in process " + pid, Errno.ENOENT, "its code has no system call instruction");
  }

  /** The vDSO first, then files. */
  private static List<MemoryArea> executable(int pid) {
    List<MemoryArea> areas = new ArrayList<>();
    for (MemoryArea area : MemoryAreas.of(pid)) {
      boolean runs =
          area.permissions().charAt(0) == READ && area.permissions().charAt(EXECUTE_AT) == EXECUTE;
      if (runs && area.name().equals(VDSO)) {
        areas.addFirst(area);
      } else if (runs && !area.isAnonymous()) {
        areas.add(area);
      }
    }
    return areas;
  }
}
