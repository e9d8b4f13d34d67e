package io.faultline.qemu.process;

import io.faultline.uffd.linux.process.MemoryArea;
import io.faultline.uffd.linux.process.MemoryAreas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Where a QEMU process has mapped the file that is its guest's RAM. Immutable, thread-safe.
 *
 * @param address in the QEMU process
 * @param lengthBytes of the mapping, which starts at the beginning of the file
 */
public record RamMapping(long address, long lengthBytes) {
  /**
   * Finds the mapping of a file.
   *
   * @param pid of the QEMU process, in the pid namespace of this process
   * @throws IOException if it is not mapped, not shared, or not in one piece from its beginning on;
   *     the message is for the user
   */
  public static RamMapping find(int pid, Path file) throws IOException {
    String name = file.toRealPath().toString();
    RamMapping found = null;
    try {
      for (MemoryArea area : MemoryAreas.of(pid)) {
        if (area.name().equals(name)) {
          found = found == null ? first(pid, area) : found.with(pid, area);
        }
      }
    } catch (UncheckedIOException e) {
      throw new IOException(
          "the memory of QEMU, process "
              + pid
              + ", may not be looked at: run as root or as its user",
          e);
    }
    if (found == null) {
      throw new IOException(
          "QEMU, process "
              + pid
              + ", has not mapped "
              + name
              + ": start it with -object memory-backend-file,share=on,mem-path="
              + name);
    }
    return found;
  }

  private static RamMapping first(int pid, MemoryArea area) throws IOException {
    check(pid, area);
    if (area.offsetBytes() != 0) {
      throw notInOnePiece(pid, area);
    }
    return new RamMapping(area.start(), area.lengthBytes());
  }

  /** The kernel shows a mapping as several where their flags differ. */
  private RamMapping with(int pid, MemoryArea area) throws IOException {
    check(pid, area);
    if (area.start() != address + lengthBytes || area.offsetBytes() != lengthBytes) {
      throw notInOnePiece(pid, area);
    }
    return new RamMapping(address, lengthBytes + area.lengthBytes());
  }

  private static void check(int pid, MemoryArea area) throws IOException {
    if (area.isPrivate()) {
      throw new IOException(
          "QEMU, process "
              + pid
              + ", has mapped "
              + area.name()
              + " privately: its memory backend needs share=on");
    }
  }

  private static IOException notInOnePiece(int pid, MemoryArea area) {
    return new IOException(
        String.format(
            "QEMU, process %d, has mapped %s in pieces, one at 0x%x from byte %d on: use one"
                + " memory backend for all of the RAM",
            pid, area.name(), area.start(), area.offsetBytes()));
  }
}
