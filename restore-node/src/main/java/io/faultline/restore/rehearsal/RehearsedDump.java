package io.faultline.restore.rehearsal;

import io.faultline.restore.ImageTasks;
import io.faultline.restore.image.PageFlags;
import io.faultline.restore.image.PagemapWriter;
import io.faultline.restore.image.RestoreImages;
import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.linux.process.DescriptorHolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The images of a process that sleeps, with lazy memory at an address of this process. The process
 * is there for what looks for it in {@code /proc}, and would be killed by what ends a restore.
 */
final class RehearsedDump implements AutoCloseable {
  private static final String NAME = "lazy-pages-rehearsal";

  private final DescriptorHolder process = DescriptorHolder.start(NAME);
  private final ImageTasks tasks;

  /**
   * Writes the images.
   *
   * @param address of the memory
   */
  RehearsedDump(Path directory, long address, int pages) throws IOException {
    try {
      write(directory, address, pages);
    } catch (IOException e) {
      process.close();
      throw e;
    }
    tasks = new ImageTasks(directory);
  }

  private void write(Path directory, long address, int pages) throws IOException {
    RestoreImages images =
        RestoreImages.create(directory, pid()).area(address, pages, 0).memory(pid());
    try (PagemapWriter pagemap = images.pagemap(pid(), 1)) {
      pagemap.add(address, pages, PageFlags.LAZY | PageFlags.PRESENT);
      long bytes = (long) pages * DumpLayout.PAGE_BYTES;
      int _ = pagemap.pages().write(ByteBuffer.allocate(1), bytes - 1); // a hole before it
    }
  }

  /** The id of the process. */
  int pid() {
    return process.pid();
  }

  ImageTasks tasks() {
    return tasks;
  }

  @Override
  public void close() {
    process.close();
  }
}
