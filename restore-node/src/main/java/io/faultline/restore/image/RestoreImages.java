package io.faultline.restore.image;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import com.google.protobuf.MessageLite;
import io.faultline.restore.image.messages.Inventory;
import io.faultline.restore.image.messages.Memory;
import io.faultline.restore.image.messages.Process;
import io.faultline.restore.image.messages.Vma;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes those images of made-up processes that a lazy restore reads: as many as {@link
 * ImageDirectory} needs, and too few for CRIU. Used by one thread.
 */
public final class RestoreImages {
  private static final int READ_WRITE = 3; // PROT_READ, PROT_WRITE
  private static final int PRIVATE_ANONYMOUS = 0x22; // MAP_PRIVATE, MAP_ANONYMOUS

  private final Path directory;
  private final Memory.Builder areas = Memory.newBuilder();

  private RestoreImages(Path directory) {
    this.directory = directory;
  }

  /** Starts with the inventory and the tree of these processes. Files that exist are replaced. */
  public static RestoreImages create(Path directory, int... pids) throws IOException {
    return create(directory, ImageDirectory.IMAGE_VERSION, pids);
  }

  static RestoreImages create(Path directory, int version, int[] pids) throws IOException {
    RestoreImages images = new RestoreImages(directory);
    Inventory inventory = Inventory.newBuilder().setImgVersion(version).build();
    images.write("inventory.img", ImageType.INVENTORY, inventory);
    Process[] processes = new Process[pids.length];
    for (int i = 0; i < pids.length; i++) {
      processes[i] = Process.newBuilder().setPid(pids[i]).setPpid(0).setPgid(1).setSid(1).build();
    }
    images.write("pstree.img", ImageType.PROCESS_TREE, processes);
    return images;
  }

  /**
   * Adds a private, anonymous area.
   *
   * @param status bits of CRIU's {@code vma_entry.status}
   */
  public RestoreImages area(long start, long pages, int status) {
    areas.addVmas(
        Vma.newBuilder()
            .setStart(start)
            .setEnd(start + pages * PAGE_BYTES)
            .setPgoff(0)
            .setShmid(0)
            .setProt(READ_WRITE)
            .setFlags(PRIVATE_ANONYMOUS)
            .setStatus(status)
            .setFd(-1));
    return this;
  }

  /** Writes the areas added so far as those of a process. */
  public RestoreImages memory(int pid) throws IOException {
    write("mm-" + pid + ".img", ImageType.MEMORY, areas.build());
    areas.clear();
    return this;
  }

  /** Creates the pagemap of a process, as CRIU 4.2 writes it. */
  public PagemapWriter pagemap(int pid, int pagesId) throws IOException {
    return PagemapWriter.create(directory, "pagemap-" + pid + ".img", pagesId, true);
  }

  void write(String name, ImageType type, MessageLite... messages) throws IOException {
    try (ImageWriter writer = ImageWriter.create(directory.resolve(name), type)) {
      for (MessageLite message : messages) {
        writer.add(message);
      }
    }
  }
}
