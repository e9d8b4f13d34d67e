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
 * The images that a server serves to all clients. Confined to the server's event loop once it is
 * loaded.
 */
final class ServedImages implements AutoCloseable {
  private final ImageDirectory directory;
  private final Map<Integer, PageExtents> processes = new HashMap<>();
  private final Map<Path, FileChannel> files = new HashMap<>();

  private ServedImages(ImageDirectory directory) {
    this.directory = directory;
  }

  /** Reads the pagemaps of all processes, so that damage is found before a client needs a page. */
  static ServedImages load(Path path) throws IOException {
    ServedImages images = new ServedImages(ImageDirectory.open(path));
    for (int pid : images.directory.processes()) {
      if (images.directory.hasMemory(pid)) {
        images.processes.put(pid, images.directory.pages(pid));
      }
    }
    return images;
  }

  /**
   * The pages of a process.
   *
   * @throws PageServerException if there is no such process
   */
  PageExtents pages(long pid) throws PageServerException {
    PageExtents pages = pid < 1 || pid > Integer.MAX_VALUE ? null : processes.get((int) pid);
    if (pages == null) {
      throw new PageServerException(
          "the client asks for pages of process "
              + Long.toUnsignedString(pid)
              + ", which "
              + directory.path()
              + " does not have: does it use images of another dump?");
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
