package io.faultline.restore.rehearsal;

import io.faultline.restore.ImageTasks;
import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Memory of this process as that of a process that was dumped: its images, and CRIU restoring it.
 *
 * <p>Not thread-safe.
 */
public final class RehearsedProcess implements AutoCloseable {
  private static final int LAZY_PAGES = 512;

  /** With those that are not in the dump. */
  private static final int PAGES = LAZY_PAGES + 256;

  private static final long BYTES = (long) PAGES * DumpLayout.PAGE_BYTES;
  private static final long LAZY_BYTES = (long) LAZY_PAGES * DumpLayout.PAGE_BYTES;

  private final LinuxKernel kernel = new LinuxKernel();
  private final long address = kernel.map(MapRequest.anonymous(BYTES, PageSize.BASE));
  private final Path directory;
  private final RehearsedDump dump;

  private RehearsedProcess(Path directory) throws IOException {
    this.directory = directory;
    try {
      dump = new RehearsedDump(directory, address, LAZY_PAGES);
    } catch (IOException | RuntimeException e) {
      kernel.unmap(address, BYTES);
      throw e;
    }
  }

  /**
   * Writes images of it.
   *
   * @param directory for the images, and with the socket of the daemon
   * @throws IOException if they cannot be written
   * @throws io.faultline.uffd.SystemCallException if there can be no more processes or memory
   */
  public static RehearsedProcess dump(Path directory) throws IOException {
    return new RehearsedProcess(directory);
  }

  ImageTasks tasks() {
    return dump.tasks();
  }

  /**
   * Restores it with the daemon that listens in the directory, and uses all of its memory.
   *
   * @throws IOException if the daemon does not listen, or ends too early
   */
  public void restore() throws IOException {
    new RehearsedCriu(kernel, directory, dump.pid(), address, BYTES, LAZY_BYTES).restore();
  }

  @Override
  public void close() {
    dump.close();
    kernel.unmap(address, BYTES);
  }
}
