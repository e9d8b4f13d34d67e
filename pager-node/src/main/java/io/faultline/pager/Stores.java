package io.faultline.pager;

import io.faultline.paging.PageStore;
import io.faultline.paging.PagingException;
import io.faultline.paging.store.FileStore;
import io.faultline.paging.store.StoreRange;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What clients page from and to: a default file, memory of the pager, and the files below a
 * directory, which clients name. A file is opened once, locked against other pagers, and closed
 * with its last user; for regions that are not writable it is opened for reading. No two regions
 * use the same part of a store, unless both only read. Thread-safe.
 */
public final class Stores implements AutoCloseable {
  /** By which name clients use the memory of the pager. */
  public static final String MEMORY = "memory";

  private final @Nullable Path defaultFile;
  private final @Nullable Path root;
  private final Map<Path, OpenStore> open = new HashMap<>();

  /** The default file, which stays open. */
  private final @Nullable OpenStore file;

  private final @Nullable OpenStore memory;

  /**
   * @param defaultFile for regions that name no store, and those that name it; null if there is
   *     none
   * @param root below which clients may name files; null if they may not
   * @throws IOException if one of them does not exist
   * @throws PagingException if another pager uses the default one
   */
  public Stores(@Nullable Path defaultFile, @Nullable Path root) throws IOException {
    this(defaultFile, root, null);
  }

  /**
   * As the other, with a store that is not a file, and is the default one if there is no default
   * file.
   *
   * @param memory for regions that name {@link #MEMORY}; closed by the caller, after the result
   */
  public Stores(@Nullable Path defaultFile, @Nullable Path root, @Nullable PageStore memory)
      throws IOException {
    this.defaultFile = defaultFile == null ? null : defaultFile.toRealPath();
    this.root = root == null ? null : root.toRealPath();
    this.memory = memory == null ? null : new OpenStore(MEMORY, memory, () -> {});
    this.file =
        this.defaultFile == null
            ? null
            : opened(this.defaultFile, FileStore.open(this.defaultFile));
  }

  private static OpenStore opened(Path path, FileStore store) {
    return new OpenStore(String.valueOf(path.getFileName()), store, store::close);
  }

  /** A part of a store that one region uses, until it is closed. */
  final class Use implements AutoCloseable {
    private final OpenStore store;
    private final OpenStore.Part part;

    private Use(OpenStore store, OpenStore.Part part) {
      this.store = store;
      this.part = part;
    }

    /** The store of the region. */
    StoreRange part() {
      return part.range();
    }

    /** The name of the whole store. */
    String name() {
      return store.name();
    }

    /** Where the part begins in the whole store. */
    long start() {
      return part.start();
    }

    boolean isWritable() {
      return part.isWritable();
    }

    @Override
    public void close() {
      synchronized (Stores.this) {
        store.giveUp(part);
        closeUnused();
      }
    }
  }

  /**
   * Takes the part of a store that a region needs.
   *
   * @param pageBytes by less than which the region may reach beyond the end of the store
   * @throws RefusedException if the client may not use it; the message says why
   */
  synchronized Use use(RegionRequest region, long pageBytes) throws RefusedException {
    OpenStore store = find(region.store(), region.isWritable());
    try {
      return new Use(store, store.take(region, pageBytes));
    } finally {
      closeUnused();
    }
  }

  private void closeUnused() {
    open.values()
        .removeIf(
            store -> {
              boolean unused = !store.isUsed();
              if (unused) {
                store.close();
              }
              return unused;
            });
  }

  /** Closes the default file. */
  @Override
  public synchronized void close() {
    if (file != null) {
      file.close();
    }
  }

  private OpenStore find(@Nullable String name, boolean isWritable) throws RefusedException {
    OpenStore usual = file == null ? memory : file;
    if (name == null && usual != null) {
      return usual;
    }
    if (name == null) {
      throw new RefusedException(
          "the region names no store, and the pager has no default one: start it with --store");
    }
    if (file != null && defaultFile != null && isDefault(name, defaultFile)) {
      return file;
    }
    if (memory != null && name.equals(MEMORY)) {
      return memory;
    }
    Path path = resolve(name);
    if (path.equals(defaultFile) && file != null) {
      return file;
    }
    OpenStore present = open.get(path);
    if (present == null) {
      present = opened(path, openFile(path, isWritable));
      open.put(path, present);
    }
    return present;
  }

  private static FileStore openFile(Path path, boolean isWritable) throws RefusedException {
    try {
      return isWritable ? FileStore.open(path) : FileStore.openReadOnly(path);
    } catch (PagingException | SystemCallException e) {
      throw new RefusedException(String.valueOf(e.getMessage()));
    }
  }

  private Path resolve(String name) throws RefusedException {
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
