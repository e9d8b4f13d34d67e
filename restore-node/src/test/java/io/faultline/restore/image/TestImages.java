package io.faultline.restore.image;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import com.google.protobuf.MessageLite;
import io.faultline.restore.image.messages.Inventory;
import io.faultline.restore.image.messages.Memory;
import io.faultline.restore.image.messages.Process;
import io.faultline.restore.image.messages.Vma;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Writes images of made-up processes. */
public final class TestImages {
  /** The status bit of a guard area. */
  public static final int GUARD = 1 << 16;

  private final Path directory;
  private final Memory.Builder areas = Memory.newBuilder();

  private TestImages(Path directory) {
    this.directory = directory;
  }

  /** Starts with the images of these processes. */
  public static TestImages of(Path directory, int... pids) throws IOException {
    return ofVersion(directory, ImageDirectory.IMAGE_VERSION, pids);
  }

  static TestImages ofVersion(Path directory, int version, int... pids) throws IOException {
    TestImages images = new TestImages(directory);
    images.write(
        "inventory.img",
        ImageType.INVENTORY,
        Inventory.newBuilder().setImgVersion(version).build());
    Process[] processes = new Process[pids.length];
    for (int i = 0; i < pids.length; i++) {
      processes[i] = Process.newBuilder().setPid(pids[i]).setPpid(0).setPgid(1).setSid(1).build();
    }
    images.write("pstree.img", ImageType.PROCESS_TREE, processes);
    return images;
  }

  public TestImages area(long start, long pages) {
    return area(start, pages, 0);
  }

  TestImages area(long start, long pages, int status) {
    areas.addVmas(
        Vma.newBuilder()
            .setStart(start)
            .setEnd(start + pages * PAGE_BYTES)
            .setPgoff(0)
            .setShmid(0)
            .setProt(3)
            .setFlags(0x22)
            .setStatus(status)
            .setFd(-1));
    return this;
  }

  /** Writes the areas added so far as those of a process. */
  public TestImages memory(int pid) throws IOException {
    write("mm-" + pid + ".img", ImageType.MEMORY, areas.build());
    areas.clear();
    return this;
  }

  void write(String name, ImageType type, MessageLite... messages) throws IOException {
    try (ImageWriter writer = ImageWriter.create(directory.resolve(name), type)) {
      for (MessageLite message : messages) {
        writer.add(message);
      }
    }
  }

  /** Creates the pagemap of a process. */
  public PagemapWriter pagemap(int pid, int pagesId) throws IOException {
    return PagemapWriter.create(directory, "pagemap-" + pid + ".img", pagesId, true);
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
