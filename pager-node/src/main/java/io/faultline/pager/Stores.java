package io.faultline.pager;

import io.faultline.paging.PagingException;
import io.faultline.paging.store.FileStore;
import io.faultline.paging.store.StoreRange;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files that clients page from and to: a default one, and those below a directory, which
 * clients name. A file is opened once, locked against other pagers, and closed with its last user;
 * no two regions use the same part of it. Thread-safe.
 */
public final class Stores implements AutoCloseable {
  private final @Nullable Path defaultFile;
  private final @Nullable Path root;
  private final Map<Path, OpenStore> open = new HashMap<>();

  /**
   * @param defaultFile for regions that name no store, and those that name it; null if there is
   *     none
   * @param root below which clients may name files; null if they may not
   * @throws IOException if one of them does not exist
   * @throws PagingException if another pager uses the default one
   */
  public Stores(@Nullable Path defaultFile, @Nullable Path root) throws IOException {
    this.defaultFile = defaultFile == null ? null : defaultFile.toRealPath();
    this.root = root == null ? null : root.toRealPath();
    if (this.defaultFile != null) {
      open.put(this.defaultFile, new OpenStore(FileStore.open(this.defaultFile)));
    }
  }

  /** A file with its users. */
  private static final class OpenStore {
    final FileStore store;
    final List<Use> uses = new ArrayList<>();

    OpenStore(FileStore store) {
      this.store = store;
    }
  }

  /** A part of a file that one region uses, until it is closed. */
  final class Use implements AutoCloseable {
    private final Path path;
    private final long start;
    private final long bytes;
    private final StoreRange part;

    private Use(Path path, long start, long bytes, StoreRange part) {
      this.path = path;
      this.start = start;
      this.bytes = bytes;
      this.part = part;
    }

    /** The store of the region. */
    StoreRange part() {
      return part;
    }

    @Override
    public void close() {
      giveUp(this);
    }
  }

  /**
   * Takes the part of a store that a region needs.
   *
   * @param pageBytes by less than which the region may reach beyond the end of the file
   * @throws RefusedException if the client may not use it; the message says why
   */
  synchronized Use use(RegionRequest region, long pageBytes) throws RefusedException {
    Path path = resolve(region.store());
    OpenStore opened = open.get(path);
    if (opened == null) {
      opened = new OpenStore(openFile(path));
      open.put(path, opened);
    }
    try {
      Use use = take(path, opened, region, pageBytes);
      opened.uses.add(use);
      return use;
    } finally {
      closeUnused(path, opened);
    }
  }

  private Use take(Path path, OpenStore opened, RegionRequest region, long pageBytes)
      throws RefusedException {
    long start = region.storeOffset();
    long left = opened.store.sizeBytes() - start;
    if (left <= region.sizeBytes() - pageBytes) {
      throw new RefusedException(
          "the store "
              + path.getFileName()
              + " has "
              + Math.max(0, left)
              + " bytes from offset "
              + start
              + " on, and the region "
              + region.sizeBytes()
              + ": enlarge the store, or map less");
    }
    for (Use other : opened.uses) {
      if (RegionRequest.overlap(start, region.sizeBytes(), other.start, other.bytes)) {
        throw new RefusedException(
            "the store "
                + path.getFileName()
                + " is in use from offset "
                + other.start
                + ", "
                + other.bytes
                + " bytes: use another part of it, or another store");
      }
    }
    long bytes = Math.min(left, region.sizeBytes());
    return new Use(path, start, region.sizeBytes(), StoreRange.of(opened.store, start, bytes));
  }

  private synchronized void giveUp(Use use) {
    OpenStore opened = open.get(use.path);
    if (opened != null && opened.uses.remove(use)) {
      closeUnused(use.path, opened);
    }
  }

  private void closeUnused(Path path, OpenStore opened) {
    if (opened.uses.isEmpty() && !path.equals(defaultFile)) {
      opened.store.close();
      open.remove(path);
    }
  }

  /** Closes the default file. */
  @Override
  public synchronized void close() {
    OpenStore opened = defaultFile == null ? null : open.remove(defaultFile);
    if (opened != null) {
      opened.store.close();
    }
  }

  private static FileStore openFile(Path path) throws RefusedException {
    try {
      return FileStore.open(path);
    } catch (PagingException | SystemCallException e) {
      throw new RefusedException(String.valueOf(e.getMessage()));
    }
  }

  private Path resolve(@Nullable String name) throws RefusedException {
    Path given = defaultFile;
    if (name == null || (given != null && isDefault(name, given))) {
      if (given == null) {
        throw new RefusedException(
            "the region names no store, and the pager has no default one: start it with --store");
      }
      return given;
    }
    Path directory = root;
    if (directory == null) {
      throw new RefusedException(
          "the store \"" + name + "\" is not the pager's: start it with --store-root");
    }
    try {
      Path path = directory.resolve(name).toRealPath();
      if (!path.startsWith(directory) || !Files.isRegularFile(path)) {
        throw new RefusedException(
            "the store \"" + name + "\" is no file below the directory of the pager's stores");
      }
      return path;
    } catch (NoSuchFileException e) {
      throw new RefusedException("the store \"" + name + "\" does not exist");
    } catch (InvalidPathException | IOException e) {
      throw new RefusedException("the store \"" + name + "\" cannot be opened: " + e.getMessage());
    }
  }

  private static boolean isDefault(String name, Path file) {
    return name.equals(file.toString()) || name.equals(String.valueOf(file.getFileName()));
  }
}
