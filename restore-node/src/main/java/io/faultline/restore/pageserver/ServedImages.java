package io.faultline.restore.pageserver;

import io.faultline.restore.image.ImageDirectory;
import io.faultline.restore.image.PageExtents;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * The images that a server serves, read when they are first asked for, and shared by all clients.
 * Confined to the server's event loop.
 */
final class ServedImages implements AutoCloseable {
  private final ImageDirectory directory;
  private final Map<Integer, PageExtents> processes = new HashMap<>();
  private final Map<Path, FileChannel> files = new HashMap<>();

  ServedImages(ImageDirectory directory) {
    this.directory = directory;
  }

  /**
   * The pages of a process.
   *
   * @throws IOException if there is no such process, or its images are damaged
   */
  PageExtents pages(long pid) throws IOException {
    if (pid < 1 || pid > Integer.MAX_VALUE || !directory.processes().contains((int) pid)) {
      throw new PageServerException(
          "the client asks for pages of process "
              + Long.toUnsignedString(pid)
              + ", which "
              + directory.path()
              + " does not have: does it use images of another dump?");
    }
    PageExtents pages = processes.get((int) pid);
    if (pages == null) {
      pages = directory.pages((int) pid);
      processes.put((int) pid, pages);
    }
    return pages;
  }

  FileChannel file(Path path) throws IOException {
    FileChannel file = files.get(path);
    if (file == null) {
      file = FileChannel.open(path, StandardOpenOption.READ);
      files.put(path, file);
    }
    return file;
  }

  @Override
  public void close() {
    for (FileChannel file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        // it was only read
      }
    }
    files.clear();
  }
}
