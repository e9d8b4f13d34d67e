package io.faultline.restore.image;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Images of made-up processes, and contents of their pages. */
public final class TestImages {
  /** The status bit of a guard area. */
  public static final int GUARD = 1 << 16;

  private final RestoreImages images;

  private TestImages(RestoreImages images) {
    this.images = images;
  }

  /** Starts with the images of these processes. */
  public static TestImages of(Path directory, int... pids) throws IOException {
    return new TestImages(RestoreImages.create(directory, pids));
  }

  static TestImages ofVersion(Path directory, int version, int... pids) throws IOException {
    return new TestImages(RestoreImages.create(directory, version, pids));
  }

  public TestImages area(long start, long pages) {
    return area(start, pages, 0);
  }

  TestImages area(long start, long pages, int status) {
    var _ = images.area(start, pages, status);
    return this;
  }

  /** Writes the areas added so far as those of a process. */
  public TestImages memory(int pid) throws IOException {
    var _ = images.memory(pid);
    return this;
  }

  void write(String name, ImageType type, MessageLite... messages) throws IOException {
    images.write(name, type, messages);
  }

  /** Creates the pagemap of a process. */
  public PagemapWriter pagemap(int pid, int pagesId) throws IOException {
    return images.pagemap(pid, pagesId);
  }

  /** Appends pages whose content depends on a seed and their number. */
  public static void append(PagemapWriter writer, long seed, long pages) throws IOException {
    for (long page = 0; page < pages; page++) {
      ByteBuffer bytes = ByteBuffer.allocate(PAGE_BYTES);
      for (int i = 0; i < PAGE_BYTES; i += Long.BYTES) {
        bytes.putLong(word(seed, page, i));
      }
      bytes.flip();
      while (bytes.hasRemaining()) {
        int _ = writer.pages().write(bytes);
      }
    }
  }

  /** The word at an offset of a page, as the file has it: big-endian. */
  public static long word(long seed, long page, int offset) {
    return (seed << 48) ^ (page << 16) ^ offset;
  }
}
