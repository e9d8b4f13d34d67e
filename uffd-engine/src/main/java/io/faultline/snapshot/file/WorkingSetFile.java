package io.faultline.snapshot.file;

import io.faultline.memory.PageBitmap;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The file with the {@link WorkingSet} of a snapshot, beside it: {@code NAME.ws}. It is a hint: one
 * that is missing, damaged, or of another snapshot is an empty set, and is replaced by the next
 * that is recorded. It is replaced as a whole; of two VMs that end at the same time one may be left
 * out.
 *
 * <p>The snapshot may be any memory with an id; see {@link SnapshotId#ofMemoryFile}. Thread-safe.
 */
public final class WorkingSetFile {
  private static final String SUFFIX = ".ws";

  /** As much as the bits of 64 TiB: nothing that was recorded is larger. */
  private static final long MAX_BYTES = 1L << 30;

  private final Path file;
  private final WorkingSetFormat format;

  /**
   * @param snapshot the file that it is beside of
   * @param id of the snapshot
   * @param pageBytes the size of the pages of the set
   * @param regionPages the number of pages of each region, each below 2^31
   */
  public WorkingSetFile(Path snapshot, SnapshotId id, int pageBytes, List<Long> regionPages) {
    file = beside(snapshot);
    format = new WorkingSetFormat(id, pageBytes, List.copyOf(regionPages));
  }

  /** That of a snapshot. */
  public static WorkingSetFile of(SnapshotFile snapshot) {
    int pageBytes = snapshot.pageBytes();
    return new WorkingSetFile(
        snapshot.path(),
        snapshot.id(),
        pageBytes,
        snapshot.vm().regions().stream().map(each -> each.sizeBytes() / pageBytes).toList());
  }

  /** The name of the file: that of the snapshot and {@code .ws}. */
  public static Path beside(Path snapshot) {
    Path absolute = snapshot.toAbsolutePath().normalize();
    return absolute.resolveSibling(absolute.getFileName() + SUFFIX);
  }

  public Path path() {
    return file;
  }

  /**
   * Reads the set.
   *
   * @param log receives a line if there is a file that cannot be used
   * @return an empty one if there is none, or it cannot be used
   */
  public WorkingSet read(Consumer<String> log) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new SnapshotException("it has " + size + " bytes");
      }
      return format.decode(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return format.empty();
    } catch (IOException | SnapshotException e) {
      log.accept("the working set " + file + " is not used: " + e.getMessage());
      return format.empty();
    }
  }

  /**
   * Adds what a VM that was restored has faulted on, and replaces the file if that adds anything.
   * The file is read again: another VM may have ended meanwhile.
   *
   * @param faults for each region
   * @param log receives a line if it cannot be written
   */
  public void record(List<PageBitmap> faults, Consumer<String> log) {
    WorkingSet before = read(line -> {}); // what cannot be used was reported when the VM began
    WorkingSet after = before.after(faults);
    if (after == before) {
      return;
    }
    try (FreshFile fresh = FreshFile.create(file);
        Arena arena = Arena.ofConfined()) {
      ByteBuffer bytes = format.encode(after);
      MemorySegment content = arena.allocate(bytes.remaining());
      content.copyFrom(MemorySegment.ofBuffer(bytes));
      fresh.write(0, content.address(), content.byteSize());
      fresh.publish();
    } catch (IOException | SnapshotException e) {
      log.accept("the working set is not recorded: " + e.getMessage());
    }
  }
}
