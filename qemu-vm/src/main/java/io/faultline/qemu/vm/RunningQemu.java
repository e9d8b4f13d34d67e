package io.faultline.qemu.vm;

import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.nio.file.Path;

/**
 * A QEMU process, and how to reach what it has. Immutable.
 *
 * @param pid in the pid namespace of this process
 * @param startTicks when it started, since an id may be used again; see {@link ProcessEntry}
 * @param monitor the socket of its monitor
 * @param ram the file that is its guest's RAM
 */
public record RunningQemu(int pid, long startTicks, Path monitor, Path ram) {
  /** A process that is there now. */
  static RunningQemu of(int pid, Path monitor, Path ram) {
    ProcessEntry entry = new ProcessTable().find(pid);
    return new RunningQemu(pid, entry == null ? 0 : entry.startTicks(), monitor, ram);
  }
}
