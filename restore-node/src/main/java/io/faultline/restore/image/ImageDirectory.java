package io.faultline.restore.image;

import io.faultline.restore.image.messages.Inventory;
import io.faultline.restore.image.messages.Memory;
import io.faultline.restore.image.messages.Process;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory with the images of one dump. What all processes share is read when it is opened, the
 * files of a process when they are asked for. Immutable, thread-safe.
 */
public final class ImageDirectory {
  /** The link to the images of the dump before, relative to the directory. */
  public static final String PARENT = "parent";

  /** The version that every CRIU since 2012 writes. */
  static final int IMAGE_VERSION = 2;

  /** More dumps than this, each based on the one before: a link that points to itself. */
  private static final int MAX_GENERATIONS = 1024;

  private static final int MAX_RECORD_BYTES = 64 << 20;

  private final Path path;
  private final Set<Integer> processes;

  private ImageDirectory(Path path, Set<Integer> processes) {
    this.path = path;
    this.processes = processes;
  }

  /**
   * Reads the inventory and the process tree.
   *
   * @throws ImageException if one is missing or damaged, or the images are of another version
   */
  public static ImageDirectory open(Path path) throws ImageException {
    checkInventory(path.resolve("inventory.img"));
    return new ImageDirectory(path, processes(path.resolve("pstree.img")));
  }

  private static void checkInventory(Path file) throws ImageException {
    try (ImageReader reader = ImageReader.open(file, ImageType.INVENTORY)) {
      Inventory inventory = reader.next(Inventory.parser(), "the record", MAX_RECORD_BYTES);
      if (inventory.getImgVersion() != IMAGE_VERSION) {
        throw new ImageException(
            file,
            "images of version " + Integer.toUnsignedString(inventory.getImgVersion()),
            "version " + IMAGE_VERSION + " is supported; dump with CRIU 2 to 4");
      }
    }
  }

  private static Set<Integer> processes(Path file) throws ImageException {
    Set<Integer> processes = new LinkedHashSet<>();
    try (ImageReader reader = ImageReader.open(file, ImageType.PROCESS_TREE)) {
      while (reader.hasNext()) {
        int pid = reader.next(Process.parser(), "a process", MAX_RECORD_BYTES).getPid();
        if (pid <= 0 || !processes.add(pid)) {
          throw ImageException.damaged(
              file, "process " + Integer.toUnsignedString(pid) + (pid > 0 ? " twice" : ""));
        }
      }
    }
    if (processes.isEmpty()) {
      throw ImageException.damaged(file, "has no process");
    }
    return Collections.unmodifiableSet(processes);
  }

  public Path path() {
    return path;
  }

  /** The ids of all processes, in the order of the process tree; zombies too. */
  public Set<Integer> processes() {
    return processes;
  }

  /**
   * Reads the files of one process: its memory areas and its pagemap.
   *
   * @param pid one of {@link #processes}, not a zombie: these have no memory
   * @throws ImageException if one is missing or damaged, or contents that it promises are
   */
  public TaskImage task(int pid) throws ImageException {
    String name = "pagemap-" + pid + ".img";
    Pagemap pagemap = PagemapReader.read(path.resolve(name));
    PageExtents lazy = PageLocator.locate(this, name, pagemap, PageFlags.LAZY);
    return new TaskImage(pid, areas(pid).cut(lazy), pagemap.isWide());
  }

  /** Whether a process has memory: a zombie has none. */
  public boolean hasMemory(int pid) {
    return Files.exists(path.resolve("pagemap-" + pid + ".img"))
        || Files.exists(path.resolve("mm-" + pid + ".img"));
  }

  /**
   * All pages of one process, lazy or not, and where their contents are.
   *
   * @param pid as for {@link #task}
   */
  public PageExtents pages(int pid) throws ImageException {
    String name = "pagemap-" + pid + ".img";
    return PageLocator.locate(this, name, PagemapReader.read(path.resolve(name)), 0);
  }

  private AreaCutter areas(int pid) throws ImageException {
    Path file = path.resolve("mm-" + pid + ".img");
    try (ImageReader reader = ImageReader.open(file, ImageType.MEMORY)) {
      return new AreaCutter(
          file, reader.next(Memory.parser(), "the list of memory areas", MAX_RECORD_BYTES));
    }
  }

  /**
   * Reads a pagemap; null if there is none.
   *
   * @param name of the file
   */
  @Nullable Pagemap pagemap(String name) throws ImageException {
    Path file = path.resolve(name);
    return Files.exists(file) ? PagemapReader.read(file) : null;
  }

  /** The directory so many dumps before; null if there is none. */
  @Nullable ImageDirectory ancestor(int generations) throws ImageException {
    Path ancestor = path;
    for (int i = 0; i < generations; i++) {
      Path link = ancestor.resolve(PARENT);
      if (generations > MAX_GENERATIONS || !Files.isDirectory(link)) {
        return null;
      }
      ancestor = real(link); // a path may go through 40 links only
    }
    return new ImageDirectory(ancestor, Set.of());
  }

  private static Path real(Path link) throws ImageException {
    try {
      return link.toRealPath();
    } catch (IOException e) {
      throw ImageReader.unreadable(link, e);
    }
  }
}
